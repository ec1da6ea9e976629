import DefaultTheme from 'vitepress/theme';
import { h } from 'vue';

import VersionSwitch from './VersionSwitch.vue';
// oxlint-disable-next-line import/no-unassigned-import -- Vite adds the styles to the page
import './style.css';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'nav-bar-content-after': () => h(VersionSwitch) }),
};
