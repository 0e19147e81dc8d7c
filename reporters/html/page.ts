import { createHash } from 'node:crypto';
import { html, type Markup, trusted } from './markup.ts';
import { style } from './style.ts';

/** The filter is a comfort; without a script every row is there and the controls are not. */
const script = `
const box=document.querySelector('.filter');
if(box){
const find=box.querySelector('[type=search]'),only=box.querySelector('[type=checkbox]'),said=box.querySelector('output');
const checks=[...document.querySelectorAll('tbody.c')];
const apply=()=>{
const words=find.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const c of checks){const t=c.textContent.toLowerCase();c.hidden=(only.checked&&c.classList.contains('pass'))||!words.every(w=>t.includes(w));if(!c.hidden)n++}
said.textContent=n+' of '+checks.length+' checks shown';
};
box.hidden=false;box.addEventListener('input',apply);apply();
}
`.trim();

/** Should text of a deployment ever slip through the escaping, the browser still runs nothing and fetches nothing. */
const policy = (styles: readonly string[]): string =>
  `default-src 'none'; style-src ${styles.map((each) => `'${hash(each)}'`).join(' ')}; script-src '${hash(script)}'; base-uri 'none'; form-action 'none'`;

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

export function page(title: string, body: Markup, more: readonly string[] = []): string {
  const styles = [style, ...more];
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy(styles))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${styles.map((each) => html`<style>${trusted(each)}</style>`)}
</head>
<body>
${body}
<script>${trusted(script)}</script>
</body>
</html>`.markup
  }\n`;
}
