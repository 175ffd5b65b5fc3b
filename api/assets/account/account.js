'use strict';
// The account page: one act, of the kind the page was served for, mostly with the token out of a letter's link. Whatever the server
// or a business says becomes text, never markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const main = document.querySelector('main'), form = $('form'), submit = $('submit'), heading = $('title');
  const { kind, done, over, failed } = main.dataset;
  // The template has the fields of every kind; only those that are needed stay in the form, so only those are asked for and sent.
  const fields = [...document.querySelectorAll('.field')];
  const NEEDED = { invitation: ['name', 'password'], signup: ['password'], reset: ['password'], forgot: ['email'] };
  const keep = (names) => $('fields').replaceChildren(...fields.filter((field) => names.includes(field.dataset.field)));
  const inputs = () => [...form.querySelectorAll('input')];

  // The token comes behind the `#`, so no server and no log saw it; from here on neither the address bar nor the history shows it.
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(null, '', location.pathname + location.search);
  // The same link opened again in this tab changes only what is behind the `#`, for which a browser does not load the page again.
  addEventListener('hashchange', () => { if (location.hash.startsWith('#token=')) location.reload(); });

  // Known once the server has told who invites.
  let business = null;
  // By a function: in a replacement text a business called "$&" would not stay what it is.
  const named = (text) => text.replaceAll('%business%', () => business);
  const entitle = () => {
    heading.textContent = named(heading.textContent);
    heading.hidden = false;
    document.title = `${heading.textContent} · Frontoffice`;
  };

  // What the page tells is in one of two regions that were empty before; a screen reader reads out what is put there.
  const tell = (region, text) => {
    $('status').textContent = '';
    $('alert').textContent = '';
    if (region) region.textContent = text;
  };
  // Nothing is left to do. The form goes, with the password in it; whoever was in it is taken to what became of it.
  const end = (region, text) => {
    form.remove();
    tell(region, text);
    region.focus();
  };

  const clear = () => {
    tell(null);
    for (const input of inputs()) {
      input.removeAttribute('aria-invalid');
      $(`${input.name}-error`).textContent = '';
    }
  };
  // Every fault is told at its field, or above the form if it is of none that is shown. The first field that is wrong gets the focus;
  // if none is, the button gets back what it lost when it was disabled.
  const blame = (faults) => {
    const general = [];
    let first = null;
    for (const { field, message } of faults) {
      const input = inputs().find(({ name }) => name === field);
      if (!input) { general.push(message); continue; }
      const error = $(`${field}-error`);
      error.textContent = [error.textContent, message].filter(Boolean).join(' ');
      input.setAttribute('aria-invalid', 'true');
      first = first || input;
    }
    if (general.length) tell($('alert'), general.join(' '));
    (first || submit).focus();
  };

  // No cookie goes along: whoever happens to be signed in here has nothing to do with the link.
  const call = async (path, body) => {
    const response = await fetch(path, {
      method: 'POST', credentials: 'omit', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(body),
    });
    // 204 has no body, and a proxy's error need not be JSON.
    const answer = await response.json().catch(() => null);
    return { ok: response.ok, status: response.status, answer };
  };
  // Each act resolves to its faults: none if it was done. What is nobody's fault is thrown, and told as failed.
  const post = async (path, body) => {
    const { ok, status, answer } = await call(path, body);
    if (ok) return [];
    const { code, detail, errors = [] } = answer || {};
    if (code === 'reset_link_invalid') return [{ over: true }];
    if (errors.length) return errors.map(({ path: field, message }) => ({ field, message, over: field === 'token' }));
    // Says how long to wait, which "in a moment" would not.
    if (kind === 'forgot' && status === 429 && detail) return [{ message: detail }];
    throw new Error(code);
  };
  const graphql = async (query, variables) => {
    const { ok, answer } = await call('/graphql', { query, variables });
    if (!ok || !answer || answer.errors || !answer.data) throw new Error('no answer');
    return answer.data;
  };
  const mutate = async (name, type, input) => {
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code message field } } }`;
    const { userErrors } = (await graphql(query, { input }))[name];
    return userErrors.map(({ code, message, field }) => {
      const last = (field || []).at(-1);
      return { field: last, message, over: code === 'LINK_INVALID' || last === 'token' };
    });
  };

  const ACTS = {
    invitation: (values) => mutate('invitationAccept', 'InvitationAcceptInput', { token, ...values }),
    signup: (values) => mutate('tenantSignupConfirm', 'TenantSignupConfirmInput', { token, ...values }),
    reset: (values) => post('/api/auth/password/reset/confirm', { token, ...values }),
    forgot: (values) => post('/api/auth/password/reset', values),
  };
  // Who invites, and whether the invited have an account already: then there is nothing to fill in.
  const look = async () => {
    const query = 'query ($token: String!) { invitation(token: $token) { businessName hasAccount } }';
    const { invitation } = await graphql(query, { token });
    if (!invitation) return [{ over: true }];
    business = invitation.businessName;
    entitle();
    keep(invitation.hasAccount ? [] : NEEDED.invitation);
    return [];
  };
  // Runs one act or look; whether it had no fault. Meanwhile the button is off, so that nothing is sent twice.
  const attempt = async (act) => {
    submit.disabled = true;
    form.setAttribute('aria-busy', 'true');
    const faults = await act().catch(() => [{ message: failed }]);
    submit.disabled = false;
    form.removeAttribute('aria-busy');
    if (faults.some((fault) => fault.over)) end($('alert'), over);
    else if (faults.length) blame(faults);
    return faults.length === 0;
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    clear();
    // The token is no longer in the address, so loading the page anew would not help whose first look failed; the button looks again.
    // It does not accept as well: nobody joins before they have seen whom.
    if (kind === 'invitation' && business === null) {
      if (await attempt(look)) (inputs()[0] || submit).focus();
      return;
    }
    // The browser's own rules in the browser's own words, but shown where the server's are.
    const wrong = inputs().filter((input) => !input.checkValidity());
    if (wrong.length) { blame(wrong.map((input) => ({ field: input.name, message: input.validationMessage }))); return; }
    const values = Object.fromEntries(new FormData(form));
    if (await attempt(() => ACTS[kind](values))) end($('status'), named(done));
  });

  const start = async () => {
    if (kind !== 'invitation') entitle();
    if (kind !== 'forgot' && !token) { end($('alert'), over); return; }
    keep(kind === 'invitation' ? [] : NEEDED[kind]);
    // Shown after the look: before it, there is nothing one could do.
    if (kind === 'invitation') await attempt(look);
    form.hidden = false;
  };
  start();
})();
