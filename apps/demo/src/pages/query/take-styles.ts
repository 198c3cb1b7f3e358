/** What the devtools' style library looks for, to write its rules into the text that is in it. */
const ID = '_goober';

/**
 * Has the rules that are meant for a <style> element in a style sheet instead: the policy of the built page allows no
 * inline styles.
 */
export function takeStyles(root: ShadowRoot): void {
  if (root.getElementById(ID)) return;
  const holder = document.createElement('div');
  holder.id = ID;
  holder.hidden = true;
  const rules = document.createTextNode('');
  holder.append(rules);
  root.append(holder);

  const sheet = new CSSStyleSheet();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  new MutationObserver(() => sheet.replaceSync(rules.data)).observe(rules, { characterData: true });
}
