// The configuration from docs/how-to/tests-with-jest.md.
module.exports = {
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2022-03' },
        },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!uuid/)'],
};
