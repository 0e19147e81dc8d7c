/** Where a person would type a password at the real provider, one says here who one is. */
export function signInPage(values: { readonly provider: string; readonly email: string; readonly cancel: string }) {
  const provider = escaped(values.provider);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in with ${provider} (stub)</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin: 1rem 0 0.25rem; }
input { width: 100%; box-sizing: border-box; padding: 0.5rem; font: inherit; }
button { margin: 1.5rem 1rem 0 0; padding: 0.5rem 1.25rem; font: inherit; }
</style>
</head>
<body>
<main>
<h1>Sign in with ${provider}</h1>
<p>A stand-in for the real provider: it asks for no password and believes whoever you say you are.</p>
<form method="post">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" required autocomplete="off" value="${escaped(values.email)}">
<label for="name">Name</label>
<input id="name" name="name" required autocomplete="off">
<button>Continue</button>
<a href="${escaped(values.cancel)}">Cancel</a>
</form>
</main>
</body>
</html>
`;
}

const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => marks[mark]!);
