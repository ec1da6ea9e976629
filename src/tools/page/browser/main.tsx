import { render } from 'preact';

import { App } from './app.js';

const page = document.createElement('div');
page.className = 'page';
document.body.append(page);
const { metrics = '', files = '', profiles } = document.body.dataset;
render(<App metrics={metrics} files={files} hasProfiles={profiles !== undefined} />, page);
