// Takes in every event of an organization, from the first one there ever was, and each of them once:
//   1. a durable queue of its own is bound, so that from now on nothing passes by;
//   2. the feeds are read until they have no more: what happened before;
//   3. the queue is consumed: what happened since. What was in both is known by its message id.
import amqp from 'amqplib';
import { Journal } from './journal.js';

const settings = {
  organization: need('ORGANIZATION'),
  amqp: need('AMQP_URL'),
  feeds: need('FEEDS').split(',').map((url) => url.replace(/\/$/, '')),
  queue: process.env.QUEUE ?? 'subscriber-node',
  journal: process.env.JOURNAL ?? 'journal.jsonl',
};
const journal = new Journal(settings.journal);
let granted;

const connection = await amqp.connect(settings.amqp);
// Without its broker there is nothing to do here: whoever runs it starts it again.
connection.on('close', () => process.exit(1));
const channel = await connection.createChannel();
await channel.assertExchange('events', 'topic', { durable: true });
await channel.assertQueue(settings.queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
await channel.bindQueue(settings.queue, 'events', `${settings.organization}.#`);

for (const feed of settings.feeds) await catchUp(feed);
console.log('Caught up; listening.');

await channel.prefetch(200);
await channel.consume(settings.queue, (message) => {
  const { messageId, headers } = message.properties;
  const body = JSON.parse(message.content.toString('utf8'));
  journal.take({ messageId, type: message.fields.routingKey.split('.')[2], subject: headers.subject, sequence: body.sequence, source: 'broker' });
  // After the effect is written. Before it, a crash would lose the message.
  channel.ack(message);
});

process.on('SIGTERM', async () => {
  connection.removeAllListeners('close');
  await connection.close();
  process.exit(0);
});

async function catchUp(feed) {
  for (let more = true; more;) {
    const page = await get(`${feed}/v1/events?limit=500&after=${journal.cursorOf(feed)}`);
    for (const { messageId, type, headers, body } of page.items) {
      journal.take({ messageId, type, subject: headers.subject, sequence: body.sequence, source: 'feed' });
    }
    journal.readTo(feed, page.cursor);
    more = page.more;
  }
}

async function get(url) {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${await token()}` } });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(`${answer.status} ${problem.code ?? ''}: ${problem.detail ?? url}`);
}

async function token() {
  if (process.env.ACCESS_TOKEN) return process.env.ACCESS_TOKEN;
  if (granted?.until > Date.now()) return granted.token;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: need('CLIENT_ID'), client_secret: need('CLIENT_SECRET'), scope: 'events.read' });
  const answer = await fetch(need('TOKEN_URL'), { method: 'POST', body });
  if (!answer.ok) throw new Error(`No access token: ${answer.status}`);
  const { access_token, expires_in } = await answer.json();
  granted = { token: access_token, until: Date.now() + (expires_in - 60) * 1000 };
  return access_token;
}

function need(name) {
  if (process.env[name]) return process.env[name];
  console.error(`Set ${name}. See README.md.`);
  process.exit(2);
}
