// The hub's HTTP API, as a program with a token uses it.

/** A request the hub refused. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {any} body
   * @param {string} call
   */
  constructor(status, body, call) {
    super(`${call}: ${status} ${body?.error?.code ?? ""} ${body?.error?.message ?? ""}`);
    this.status = status;
    this.code = body?.error?.code;
  }
}

export class Api {
  /**
   * @param {string} address the hub's origin
   * @param {string} token
   */
  constructor(address, token) {
    this.address = address;
    this.token = token;
  }

  /** @param {string} path */
  get(path) {
    return this.#call("GET", path);
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   */
  post(path, body) {
    return this.#call("POST", path, body);
  }

  /**
   * @param {string} path
   * @param {unknown} body
   */
  patch(path, body) {
    return this.#call("PATCH", path, body);
  }

  /** @param {string} path */
  delete(path) {
    return this.#call("DELETE", path);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async #call(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(this.address + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text === "" ? null : JSON.parse(text);
    if (!answer.ok) throw new Refused(answer.status, json, `${method} ${path}`);
    return json;
  }
}
