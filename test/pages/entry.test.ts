import { describe, expect, test } from 'vitest';
import { isStillAsked, isTaken, saysVerified, signUpButton } from '../../platform/pages/signup.ts';
import { Visit } from '../../platform/pages/visit.ts';
import { browserOfTests, environment, servedPage } from './browser.ts';

/** Pages of other makes at which one registers, proves an address and gives a second factor. */
const browser = browserOfTests();

const patientMs = 30_000;

const visitTo = async (body: string): Promise<Visit> => new Visit(await servedPage(browser(), () => body), environment);

describe('an account that is asked for', () => {
  const asked = async (answer: string): Promise<Visit> => {
    const visit = await visitTo(`<a href=/signup>Sign up</a>
      <form onsubmit='event.preventDefault(); ${answer}'><label>Password <input type=password></label><p id=said></p>
      <button>Create your account</button></form>`);
    await visit.send(await signUpButton(visit));
    return visit;
  };

  test.each([
    ['words in the place of the form', 'this.outerHTML = "<h1>Check your inbox</h1>"'],
    ['another address', 'location.href = "/welcome"'],
  ])(
    'is taken where it is answered by %s',
    async (_, answer) => {
      await isTaken(await asked(answer), patientMs);
    },
    60_000,
  );

  test.each([
    ['words beside the form', 'said.textContent = "Check your inbox"'],
    ['a complaint in its place', 'this.outerHTML = "<p>Something went wrong</p>"'],
    ['nothing', ''],
  ])(
    'is not taken where it is answered by %s',
    async (_, answer) => {
      await expect(isTaken(await asked(answer), 1_500)).rejects.toThrow();
    },
    60_000,
  );

  test('is still asked for where the form stays, and not where another page with a password comes', async () => {
    await isStillAsked(await asked('said.textContent = "Too weak"'), patientMs);
    const made = await asked('history.pushState(null, "", "/login")');
    await expect(isStillAsked(made, patientMs)).rejects.toThrow('another page');
  }, 60_000);
});

describe('an address', () => {
  test.each([
    'Your e-mail address is verified',
    'Email Verified Successfully!',
    'Thank you, your address is confirmed.',
  ])(
    'is verified where the page says "%s"',
    async (words) => {
      await saysVerified(await visitTo(`<p>${words}</p>`), patientMs);
    },
    60_000,
  );

  test.each(['Verifying your e-mail address', 'The address could not be verified', 'Unverified'])(
    'is not verified where it says "%s"',
    async (words) => {
      await expect(saysVerified(await visitTo(`<p>${words}</p>`), 500)).rejects.toThrow('it was not said');
    },
    60_000,
  );
});

describe('a second factor in a step of its own', () => {
  const step = `<p id=said></p><form onsubmit='event.preventDefault(); said.textContent = "got " + code.value'>
    <label id=l>Enter the 6-digit code <input id=code></label>
    <a href='#' onclick='l.firstChild.data = "Recovery code"; this.remove()'>Use a backup code</a>
    <button>Verify</button></form><a href=/google>Continue with Google</a>`;

  test('takes the code', async () => {
    const visit = await visitTo(step);
    await visit.enterCode('123456');
    expect(await visit.answered(patientMs)).toEqual(['got 123456']);
  }, 60_000);

  test('takes a backup code, once one has asked for that', async () => {
    const visit = await visitTo(step);
    await visit.enterBackupCode('abcd1234');
    expect(await visit.answered(patientMs)).toEqual(['got abcd1234']);
  }, 60_000);
});

describe('a code in a box for each digit', () => {
  /** What was sent, each time, is what the page says. */
  const boxes = (
    onInput: string,
    more: string,
  ): string => `<p id=said></p><form id=form>${'<input maxlength=1>'.repeat(6)}${more}</form>
    <script>
      const boxes = [...document.querySelectorAll('input')];
      const send = () => fetch('/verify', { method: 'POST', body: JSON.stringify({ code: boxes.map((one) => one.value).join('') }) })
        .then(() => { said.append('got ' + boxes.map((one) => one.value).join('') + ' '); });
      form.onsubmit = (event) => { event.preventDefault(); send(); };
      boxes.forEach((one, i) => { one.oninput = () => { if (one.value === '') return; ${onInput} }; });
    </script>`;
  const handsOn = 'boxes[i + 1]?.focus();';

  test.each([
    ['that hands on to the next and is sent off by a button', handsOn, '<button>Verify</button>'],
    ['that the user leaves by a key', '', '<button>Verify</button>'],
    ['that is sent off by its last digit', `${handsOn} if (i === 5) send();`, ''],
    [
      'that is sent off by its last digit and has a button',
      `${handsOn} if (i === 5) send();`,
      '<button>Verify</button>',
    ],
  ])(
    '%s is entered once',
    async (_, onInput, more) => {
      const visit = await visitTo(boxes(onInput, more));
      await visit.enterCode('123456');
      expect(await visit.answered(patientMs)).toEqual(['got 123456']);
      await visit.enterCode('654321');
      await visit.page.getByText('got 123456 got 654321').waitFor();
    },
    60_000,
  );

  test('is found where a field without a name takes it in one', async () => {
    const visit = await visitTo(`<form onsubmit='event.preventDefault(); said.textContent = "got " + code.value'>
      <p id=said></p><input id=code autocomplete=one-time-code inputmode=numeric maxlength=6><button>Continue</button></form>`);
    await visit.enterCode('123456');
    expect(await visit.answered(patientMs)).toEqual(['got 123456']);
  }, 60_000);
});
