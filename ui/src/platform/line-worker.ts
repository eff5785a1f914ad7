/** The worker that all tabs of a browser share: it holds their one line to the hub. */

import { Exchange } from './exchange';
import { openSocket } from './socket';
import type { FromTab, ToTab } from './worker-line';
import type { Line } from './types';

const exchange = new Exchange(openSocket);

const scope = globalThis as unknown as { onconnect: ((event: MessageEvent) => void) | null };

scope.onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  let line: Line | null = null;
  const tell = (said: ToTab): void => port.postMessage(said);
  port.onmessage = ({ data }: MessageEvent<FromTab>) => {
    if (data.kind === 'attach') {
      tell({ kind: 'here' });
      line = exchange.attach(
        data.resume,
        {
          onFrame: (frame) => tell({ kind: 'frame', frame }),
          onEnd: (end) => tell({ kind: 'end', end }),
        },
        data.owner,
      );
    } else if (data.kind === 'send') {
      line?.send(data.frame);
    } else {
      line?.close();
      port.close();
    }
  };
};
