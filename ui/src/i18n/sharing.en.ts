/** English words for sharing Rappel with the team from the computer that keeps it. */

import type { SharingWords } from './sharing.fr';

export const sharing: SharingWords = {
  title: 'Share with my team',
  share: 'Share with my team',
  alone: 'So far you are the only one who uses Rappel.',
  notShared: 'Your colleagues cannot reach Rappel yet.',

  ask: 'Is this the computer that is on most?',
  askHelp:
    'The whole team’s reminders will come from here: best is a computer that is on during all office hours.',
  startAtLogin: 'Start Rappel with the computer',
  keepAwake: 'Do not let this computer go to sleep',
  keepAwakeHelp:
    'While Rappel is shared. The screen may go dark. A laptop that is closed goes to sleep all the same: leave it open.',
  notAwake: 'This computer did not accept that: look at when it sleeps in the system’s settings.',
  yes: 'Yes, share',
  no: 'No, another one is',
  sharing: 'One moment…',
  cannotListen: 'This computer could not open Rappel to the network. Restart Rappel, then try again.',
  loginRefused: 'The system did not accept that Rappel starts by itself.',

  otherTitle: 'Then share from here, and move the office',
  otherSteps: [
    'First share from this computer.',
    'On the other one, install Rappel, choose “Join my office” and say that it is you; accept here.',
    'Here, in the settings, go to “Move the office to another computer”.',
  ],
  otherHelp:
    'Nothing is lost, and the other one becomes the main computer. Until then leave this one on: off or asleep, it tells no browser anything.',
  anyway: 'Share from here',
  back: 'Back',

  noNetwork:
    'Nobody else can reach Rappel at the moment: this computer is on no network. Plug in the cable or choose the office Wi-Fi; the rest follows by itself.',
  failed:
    'Nobody else can reach Rappel at the moment: this computer does not let it open to the network. Restart Rappel.',
  reached: 'Another device has found Rappel already: the network lets it through.',
  nextStep:
    'Each of them scans, opens the link or types the code, and says who they are. You accept with a click.',
  preparing: 'One moment…',
  thisComputer: 'This computer',
  stop: 'Stop sharing',
  stopTitle: 'Stop sharing Rappel?',
  stopHelp:
    'Your colleagues will no longer be told anything by this computer, and their pages will no longer open. Nothing is erased.',
  stopped: 'Rappel is no longer shared.',

  public: 'This network is marked as public: this computer probably turns other devices away there.',
  publicHelp: {
    windows:
      'If it is your office network: Settings → Network & internet → Properties → Network profile type → Private.',
    other:
      'If it is your office network, whoever looks after your computers can mark it as trusted.',
  },
  nobodyTitle: 'Has nobody come yet?',
  nobodyNetwork:
    'Is your colleague’s device on the same network as this computer? A “guest” Wi-Fi keeps devices apart: use the office Wi-Fi, or the cable.',
  nobodyPublic: 'On a public network (hotel, station, café) devices do not see each other.',
  nobodyFirewall: {
    windows:
      'The firewall of Windows: Windows Security → Firewall & network protection → Allow an app → tick Rappel, column Private.',
    macos:
      'The Mac’s firewall: System Settings → Network → Firewall → Options → Rappel → Allow incoming connections.',
    ufw: 'This computer’s firewall (ufw) is on. Whoever looks after your computers can let Rappel through:',
    firewalld:
      'This computer’s firewall (firewalld) is on. Whoever looks after your computers can let Rappel through:',
    unknown:
      'A firewall or an antivirus on this computer must let Rappel through: ask whoever looks after your computers.',
  },

  movedTitle: 'Rappel’s address has changed',
  movedHelp: (from, to) =>
    `It was ${from}, it is now ${to}. Desktop apps follow by themselves. In a browser, everybody opens the new address and says who they are: you accept with a click.`,
  showNew: 'Show the new code',
  movedDone: 'Everybody knows',

  lookedAfterBy: (names) => `To invite somebody, speak to ${names}.`,
};
