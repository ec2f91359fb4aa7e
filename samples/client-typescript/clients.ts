import createClient, { type Middleware } from "openapi-fetch";
import type { paths as Campaign } from "./generated/campaign.js";
import type { paths as Connections } from "./generated/connections.js";
import type { paths as Outreach } from "./generated/outreach.js";
import type { paths as Webhooks } from "./generated/webhooks.js";

const mostTries = 5;

/** A token of the organization's client, fetched anew a minute before it ends. */
export function tokens(url: string, id: string, secret: string): () => Promise<string> {
  let [token, until] = ["", 0];
  return async () => {
    if (Date.now() > until) {
      const form = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: secret });
      const response = await fetch(url, { method: "POST", body: form });
      if (!response.ok) throw new Error(`No token: ${response.status} ${await response.text()}`);
      const answer = (await response.json()) as { access_token: string; expires_in: number };
      [token, until] = [answer.access_token, Date.now() + (answer.expires_in - 60) * 1000];
    }
    return token;
  };
}

/** 429 and 503 say when to come back. What opens something carries an Idempotency-Key, so sending it again is safe. */
async function patientFetch(request: Request): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(request.clone());
    if ((response.status !== 429 && response.status !== 503) || tries === mostTries) return response;
    await new Promise((resolve) => setTimeout(resolve, Number(response.headers.get("Retry-After") ?? "1") * 1000));
  }
}

/** A typed client for each API. What they take and answer comes from the generated types alone. */
export function clients(urls: { campaign: string; connections: string; outreach: string; webhooks: string }, token: () => Promise<string>) {
  const signedIn: Middleware = {
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await token()}`);
      return request;
    },
  };
  const campaign = createClient<Campaign>({ baseUrl: urls.campaign, fetch: patientFetch });
  const connections = createClient<Connections>({ baseUrl: urls.connections, fetch: patientFetch });
  const outreach = createClient<Outreach>({ baseUrl: urls.outreach, fetch: patientFetch });
  const webhooks = createClient<Webhooks>({ baseUrl: urls.webhooks, fetch: patientFetch });
  for (const client of [campaign, connections, outreach, webhooks]) client.use(signedIn);
  return { campaign, connections, outreach, webhooks };
}

/** What was answered, or an error that says the problem's code and sentence. */
export function need<T>(answer: { data?: T; error?: { code: string; detail?: string }; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.status} ${answer.error?.code ?? ""}: ${answer.error?.detail ?? answer.response.statusText}`);
  }
  return answer.data;
}
