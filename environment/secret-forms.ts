/** Secrets shorter than this are met by chance in any text; they are neither searched for nor replaced by themselves. */
export const shortestSecret = 6;

export interface SecretForm {
  readonly form: 'plain' | 'url-encoded' | 'json-escaped' | 'html-escaped' | 'base64';
  readonly text: string;
}

/** How one secret may stand in a file: as it is, or as URLs, JSON, HTML and base64 (of it, or of a text around it) write it. */
export function secretForms(secret: string): SecretForm[] {
  if (secret.length < shortestSecret) return [];
  const forms: SecretForm[] = [
    { form: 'plain', text: secret },
    { form: 'url-encoded', text: encodeURIComponent(secret.toWellFormed()) },
    { form: 'url-encoded', text: new URLSearchParams({ '': secret }).toString().slice(1) },
    { form: 'json-escaped', text: JSON.stringify(secret).slice(1, -1) },
    { form: 'json-escaped', text: JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1) },
    { form: 'html-escaped', text: htmlEscaped(secret) },
    ...[0, 1, 2].flatMap((shift) => base64At(secret, shift)),
  ];
  return forms.filter(({ text }, index) => forms.findIndex((other) => other.text === text) === index);
}

function htmlEscaped(secret: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return secret.replace(/[&<>"']/g, (character) => names[character] ?? character);
}

/** Inside a longer base64 text a secret begins at one of three positions; the characters it shares with its neighbours go. */
function base64At(secret: string, shift: number): SecretForm[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  const own = (text: string) => text.slice([0, 2, 3][shift], Math.floor((bytes.length * 8) / 6));
  const texts = [own(bytes.toString('base64')), own(bytes.toString('base64url'))];
  return texts.filter((text) => text.length >= 8).map((text) => ({ form: 'base64', text }));
}
