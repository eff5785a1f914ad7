// What the page in crm.test.js defines, for the type checker: its code runs there.
declare const heard: any[];
declare function listen(hub: string, token: string): Promise<string>;
declare function ask(method: string, address: string, token: string | null): Promise<any>;
