import { render } from 'preact';

import { App } from './app.js';

const page = document.createElement('div');
page.className = 'page';
document.body.append(page);
render(<App metrics={document.body.dataset['metrics'] as string} />, page);
