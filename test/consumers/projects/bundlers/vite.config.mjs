export default {
  build: {
    ssr: 'service.mjs',
    outDir: 'out/vite',
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
  ssr: { noExternal: true },
};
