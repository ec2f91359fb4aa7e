// The journey of docs/api.md with a generated client: a creator, a campaign, the roster, outreach, and how the creator stands.
import { randomUUID } from "node:crypto";
import { clients, need, tokens } from "./clients.js";

const env = (name: string): string => process.env[name] ?? fail(`Set ${name}.`);
const fail = (words: string): never => {
  throw new Error(words);
};

const { campaign, connections, outreach, webhooks } = clients(
  { campaign: env("CAMPAIGN_URL"), connections: env("CONNECTIONS_URL"), outreach: env("OUTREACH_URL"), webhooks: env("WEBHOOKS_URL") },
  tokens(env("TOKEN_URL"), env("CLIENT_ID"), env("CLIENT_SECRET")),
);

/** News travels from service to service in a moment: looks again until it is so. */
async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const started = Date.now(); Date.now() - started < 60_000; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return fail(`After a minute it is still not so that ${what}.`);
}

const run = randomUUID();
const key = () => ({ header: { "Idempotency-Key": randomUUID() } });
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

need(await campaign.PUT("/v1/organization", { body: { name: env("ORGANIZATION_NAME") } }));
const creator = need(
  await campaign.POST("/v1/creators", {
    params: key(),
    body: { name: "Ana Lima", email: `ana.${run}@creators.example`, locale: "en-GB", handles: { instagram: `ana.${run.slice(0, 8)}` } },
  }),
).id;
const planned = need(
  await campaign.POST("/v1/campaigns", {
    params: key(),
    body: { name: `Harbour ${run.slice(0, 8)}`, startsOn: day(0), endsOn: day(30), requiredConnections: ["InstagramInsights"] },
  }),
).id;
need(await campaign.POST("/v1/campaigns/{id}/creators", { params: { path: { id: planned } }, body: { creatorIds: [creator] } }));

// An edit shows what it has seen.
const profile = await campaign.GET("/v1/creators/{id}", { params: { path: { id: creator } } });
need(profile);
const seen = profile.response.headers.get("ETag") ?? fail("A creator has no ETag.");
need(await campaign.PATCH("/v1/creators/{id}", { params: { path: { id: creator }, header: { "If-Match": seen } }, body: { name: "Ana Lima-Costa" } }));
const stale = await campaign.PATCH("/v1/creators/{id}", { params: { path: { id: creator }, header: { "If-Match": seen } }, body: { name: "Ana" } });

const ask = { campaignId: planned, template: "creator-hub-invitation", creatorIds: [creator] };
await until(async () => {
  const { data } = await outreach.POST("/v1/outreach/preview", { body: ask });
  return data?.items[0]?.willSend ? true : undefined;
}, "the creator can be written to");
const accepted = await outreach.POST("/v1/outreach", { params: key(), body: ask });
const sent = need(accepted).id;
const counts = await until(async () => {
  const state = need(await outreach.GET("/v1/outreach/{id}", { params: { path: { id: sent } } }));
  return state.status === "Completed" ? state.counts : undefined;
}, "the outreach is complete");

const row = await until(async () => {
  const page = need(await campaign.GET("/v1/campaigns/{id}/creators", { params: { path: { id: planned }, query: { status: "NotConnected" } } }));
  return page.items.find((item) => item.lastOutreach);
}, "the campaign shows that the creator was written to");
const own = need(await connections.GET("/v1/creators/{creatorId}/connections", { params: { path: { creatorId: creator } } }));
const endpoints = need(await webhooks.GET("/v1/webhook-endpoints"));

console.log(
  JSON.stringify({
    creator,
    campaign: planned,
    outreach: sent,
    location: accepted.response.headers.get("Location"),
    counts,
    name: row.name,
    statuses: row.connections.map((connection) => `${connection.type} ${connection.status}`),
    platforms: own.items.map((connection) => `${connection.platform} ${connection.status}`),
    endpoints: endpoints.items.length,
    stale: stale.error?.code,
    quota: accepted.response.headers.get("RateLimit"),
  }),
);
