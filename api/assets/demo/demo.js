'use strict';
// The chat of the demo page. Everything a visitor or the assistant wrote becomes text nodes, never markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const log = $('log'), form = $('form'), message = $('message'), send = $('send'), behind = $('behind'), tries = $('try');
  let session = null;
  let busy = false;
  let chosen = null;

  const make = (name, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

  // Paragraphs, quotations and citations: all the Markdown an answer has.
  const inline = (text) =>
    text.split(/(\[\d+\])/).filter(Boolean).map((part) =>
      /^\[\d+\]$/.test(part) ? make('span', { className: 'cite', textContent: part.slice(1, -1) }) : part);
  const written = (text) =>
    text.split(/\n{2,}/).filter((block) => block.trim()).map((block) => {
      const quote = block.startsWith('>');
      const lines = quote ? block.replace(/^> ?/gm, '') : block;
      const paragraph = make('p', {}, ...inline(lines));
      return quote ? make('blockquote', {}, paragraph) : paragraph;
    });

  const STATUS = {
    refused: 'Nothing approved answers this. A person is offered.',
    handed_off: 'A person has been asked for.',
    failed: 'The answer failed. A person has been asked for.',
    out_of_credits: 'No credits are left. A person has been asked for.',
    human: 'A person will answer.',
    joined: 'Answered together with the next message.',
  };
  const ACTION = {
    answer_written: 'Answer written by a language model',
    answer_quoted: 'Answer quoted from knowledge',
    refusal: 'Refusal', handoff: 'Hand-over', failure: 'Failed answer',
  };
  const JOB = { answer_turn: 'Answer the turn', meter_usage: 'Meter what it took' };

  const bubble = (className, ...children) => {
    const node = make('div', { className: `bubble ${className}` }, ...children);
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.append(node);
    if (atEnd || className.startsWith('visitor')) log.scrollTop = log.scrollHeight;
    return node;
  };

  // An answer on its way and what is known of it.
  const begin = (question) => {
    const turn = { question, text: '', id: null, answer: null, facts: null, node: null };
    const dots = make('span', { className: 'dots' }, make('i'), make('i'), make('i'));
    dots.setAttribute('role', 'img');
    dots.setAttribute('aria-label', 'The assistant is writing');
    turn.node = bubble('assistant', dots);
    // While it grows a screen reader would read every piece; it reads the whole at the end.
    turn.node.setAttribute('aria-busy', 'true');
    turn.node.tabIndex = 0;
    const choose = () => { chosen = turn; render(); };
    turn.node.addEventListener('click', choose);
    turn.node.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target === turn.node) choose(); });
    chosen = turn;
    render();
    return turn;
  };
  const show = (turn) => {
    if (turn.text) turn.node.replaceChildren(...written(turn.text));
    log.scrollTop = log.scrollHeight;
  };
  const finish = (turn, answer) => {
    turn.answer = answer;
    session = answer.session_id || session;
    const note = STATUS[answer.status];
    turn.node.replaceChildren(...written(answer.reply || ''), ...(note ? [make('span', { className: 'status', textContent: note })] : []));
    if (answer.persona) turn.node.setAttribute('aria-label', `${answer.persona.name}, ${answer.status}`);
    if (answer.status === 'failed') turn.node.classList.add('bad');
    turn.node.removeAttribute('aria-busy');
    log.scrollTop = log.scrollHeight;
    render();
  };
  const fail = (turn, text, retry) => {
    turn.node.classList.add('bad');
    turn.node.removeAttribute('aria-busy');
    const again = make('button', { type: 'button', textContent: 'Try again' });
    again.addEventListener('click', (event) => { event.stopPropagation(); turn.node.remove(); retry(); });
    turn.node.replaceChildren(make('p', { textContent: text }), again);
  };

  // Server-sent events out of a response, wherever the network cut it.
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += value;
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const event = { name: 'message', id: '', data: '' };
        for (const line of buffer.slice(0, end).split('\n')) {
          const cut = line.indexOf(':');
          if (cut <= 0) continue;
          const field = line.slice(0, cut), rest = line.slice(cut + 1).replace(/^ /, '');
          if (field === 'event') event.name = rest;
          if (field === 'id') event.id = rest;
          if (field === 'data') event.data += rest;
        }
        buffer = buffer.slice(end + 2);
        if (event.data) yield event;
      }
    }
  }
  // Reads one stream; true once the answer is there.
  const hear = async (turn, response, heard) => {
    for await (const { name, id, data } of events(response)) {
      const said = JSON.parse(data);
      if (id) heard.last = id;
      if (said.turn_id && !turn.id) { turn.id = said.turn_id; watch(turn); }
      if (name === 'accepted') session = said.session_id || session;
      if (name === 'delta') { turn.text += said.text; show(turn); }
      if (name === 'reset') { turn.text = ''; turn.node.replaceChildren(make('span', { className: 'status', textContent: 'Starting over…' })); }
      if (name === 'sources') turn.sources = said;
      if (name === 'done') { finish(turn, said); return true; }
      if (name === 'error') throw new Error(said.detail);
    }
    return false;
  };

  const ask = async (question, key = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now()) => {
    busy = true;
    send.disabled = true;
    const turn = begin(question);
    const body = { message: question, client_message_id: key };
    if (session) body.session_id = session;
    try {
      const heard = { last: null };
      let response = await fetch('/api/chat', {
        method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream' }, body: JSON.stringify(body),
      });
      if (!response.ok) {
        const problem = await response.json().catch(() => ({}));
        const details = (problem.errors || []).map((error) => error.message).join('; ');
        throw new Error([problem.detail || `The server answered ${response.status}.`, details].filter(Boolean).join(' '));
      }
      let done = await hear(turn, response, heard).catch((error) => { if (!turn.id) throw error; return false; });
      // The connection may break; the answer does not.
      for (let attempt = 0; !done && attempt < 8; attempt += 1) {
        await pause(Math.min(400 * 2 ** attempt, 5000));
        const headers = heard.last ? { 'last-event-id': heard.last } : {};
        response = await fetch(`/api/chat/turns/${turn.id}/events`, { headers }).catch(() => null);
        if (response && response.ok) done = await hear(turn, response, heard).catch(() => false);
      }
      if (!done) throw new Error('The connection was lost. Your message is safe.');
    } catch (error) {
      fail(turn, error.message, () => ask(question, key));
    }
    busy = false;
    send.disabled = false;
  };

  // Watches the jobs of a turn until it has been charged.
  const watch = async (turn) => {
    for (let look = 0; look < 400; look += 1) {
      const response = await fetch(`/demo/turns/${turn.id}`).catch(() => null);
      if (response && response.ok) {
        turn.facts = await response.json();
        if (chosen === turn) render();
        if (turn.facts.charge || turn.facts.state === 'out_of_credits') return;
      }
      await pause(look < 20 ? 150 : 1000);
    }
  };

  const since = (from, to) => {
    const millis = new Date(to) - new Date(from);
    return millis < 1000 ? `${millis} ms` : `${(millis / 1000).toFixed(1)} s`;
  };
  const steps = (facts) => {
    const step = (state, title, detail, time) => {
      const line = make('li', { className: state }, make('span', { className: 'dot' }),
        make('div', {}, title, make('small', { textContent: detail })), time ? make('time', { textContent: time }) : make('span'));
      return line;
    };
    const list = [step('done', 'Message stored', 'with its job and its hold, in one transaction', '0 ms')];
    for (const job of facts.jobs) {
      const tried = job.attempt > 1 ? `, attempt ${job.attempt} of ${job.max_attempts}` : '';
      const detail = { queued: 'waits for a worker', leased: 'a worker has it', done: 'done', dead: 'given up' }[job.state] + tried;
      list.push(step(job.state, JOB[job.name] || job.name, detail, job.ended_at ? since(facts.created_at, job.ended_at) : ''));
    }
    if (facts.state === 'out_of_credits') list.push(step('dead', 'No credits', 'nothing was held, nobody was asked', ''));
    return make('ol', { className: 'steps' }, ...list);
  };
  const sources = (list) =>
    list.length
      ? make('ol', { className: 'sources' }, ...list.map(({ title, url }) => {
        const safe = url && /^https?:\/\//.test(url);
        return make('li', {}, safe ? make('a', { href: url, textContent: title, rel: 'noopener noreferrer', target: '_blank' }) : title);
      }))
      : make('p', { className: 'empty', textContent: 'None: nothing was claimed.' });
  const charge = (facts) => {
    const { charge: paid } = facts;
    if (!paid) return make('p', { className: 'empty', textContent: facts.state === 'out_of_credits' ? 'Nothing is charged.' : 'Not metered yet.' });
    const rows = [['For', ACTION[paid.action] || paid.action]];
    if (paid.prompt_tokens !== null) rows.push(['Tokens', `${paid.prompt_tokens} read, ${paid.completion_tokens} written${paid.estimated ? ' (our count)' : ''}`]);
    if (paid.absorbed !== '0') rows.push(['Not charged', `${paid.absorbed} beyond what was held`]);
    rows.push(['Prices', `version ${paid.pricebook_version}`], ['Hash', paid.content_hash.slice(0, 12)]);
    return make('div', {},
      make('p', { className: 'charge' }, make('strong', { textContent: paid.credits }), paid.credits === '1' ? 'AI credit' : 'AI credits'),
      make('dl', {}, ...rows.flatMap(([term, value]) => [make('dt', { textContent: term }), make('dd', { textContent: value })])));
  };
  const part = (title, ...children) => make('div', {}, make('h3', { textContent: title }), ...children);
  const render = () => {
    document.querySelectorAll('.chosen').forEach((node) => node.classList.remove('chosen'));
    if (!chosen) return;
    chosen.node.classList.add('chosen');
    const { facts, answer, question } = chosen;
    const parts = [part('Question', make('p', { className: 'question', textContent: question }))];
    if (facts) parts.push(part('Work', steps(facts)));
    if (answer || chosen.sources) parts.push(part('Sources', sources((answer && answer.sources) || chosen.sources)));
    if (facts) parts.push(part('Charge', charge(facts)));
    behind.replaceChildren(...parts);
  };

  const submit = () => {
    const text = message.value;
    if (busy || !text.trim()) return;
    message.value = '';
    grow();
    tries.hidden = true;
    bubble('visitor', text);
    ask(text);
    message.focus();
  };
  const grow = () => {
    message.style.height = 'auto';
    message.style.height = `${message.scrollHeight + 2}px`;
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  message.addEventListener('input', grow);
  message.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });
  tries.addEventListener('click', (event) => {
    if (event.target.tagName !== 'BUTTON') return;
    message.value = event.target.textContent;
    submit();
  });
  $('anew').addEventListener('click', () => {
    if (busy) return;
    session = `demo-${crypto.randomUUID ? crypto.randomUUID() : Date.now()}`;
    chosen = null;
    log.replaceChildren();
    behind.replaceChildren(make('p', { className: 'empty', textContent: 'A new conversation.' }));
    tries.hidden = false;
    message.focus();
  });
})();
