/** English words for coming in, letting in, people and their devices. */

import type { JoiningWords } from './joining.fr';

const minutes = (count: number): string => (count === 1 ? '1\u00a0minute' : `${count}\u00a0minutes`);

export const joining: JoiningWords = {
  yourName: 'Your name',
  nameMissing: 'What is your name?',
  nameRefused: 'This name is not accepted: letters, 60 characters at most.',
  ask: 'Ask to come in',
  asking: 'One moment…',
  askHelp:
    'Say who you are and ask whoever looks after Rappel in your office: they see your request at once and let you in.',
  haveCode: 'I have a code',
  code: 'Code',
  codeHelp: 'Twelve letters and digits, shown or read out to you by a colleague.',
  next: 'Continue',
  openTitle: 'Welcome',
  openHelp: (office) => `You are invited to join Rappel (${office}).`,
  whoAreYou: 'Who are you?',
  somebodyElse: 'My name is not in the list',
  chooseMissing: 'Choose your name.',
  personalTitle: (name) => `Hello ${name}.`,
  personalHelp: (office) => `Your place is ready (${office}).`,
  waitingTitle: 'Almost there.',
  waitingHelp: 'Your request is on its way. As soon as it is accepted, this page opens by itself.',
  waitingAs: (name, device) => `${name} (${device})`,
  withdraw: 'Stop asking',
  declinedTitle: 'Not now.',
  declinedHelp:
    'Your request was not accepted this time. Speak to whoever looks after Rappel, then ask again.',
  expiredTitle: 'Nobody answered.',
  expiredHelp:
    'Your request waited for ten minutes. Whoever looks after Rappel may be away: ask again when they are back.',
  goneTitle: 'Please ask again.',
  goneHelp: 'Rappel was restarted meanwhile and no longer knows of your request.',
  again: 'Ask again',
  onPhone:
    'On a phone you can look, add and answer here. For it to wake you, add your events to its own calendar: every event’s page offers that.',

  wantsIn: (name, device) => `${name} (${device}) wants to join`,
  announce: (name) => `${name} wants to join Rappel.`,
  request: 'Request',
  requestInvited: 'With the link for everybody',
  requestUninvited: 'Without an invitation',
  comesInAs: 'Comes in as',
  newPerson: (name) => `${name} (new person)`,
  knownPerson: (name) => `${name} is in the team already: accept only if it really is them.`,
  knownAdmin: (name) => `${name} looks after Rappel: accept only if you are sure.`,
  accept: 'Accept',
  notNow: 'Not now',
  accepted: (name) => `${name} can come in.`,
  noLonger: 'This request is no longer there.',
  waitingHere: 'Waiting requests',
  inviteAll: 'Invite my colleagues',
  inviteAllHelp:
    'One link for everybody. Each of them opens it and says who they are; you accept with a click.',
  showInvitation: 'Show the link and the code',
  scan: 'With the phone’s camera',
  qr: 'QR code of the link',
  orLink: 'The link, to be sent',
  linkUntil: (moment) => `For all your colleagues, until ${moment}.`,
  orType: (address) => `Or open ${address} and type the code`,
  codeLeft: (count) => `Valid for ${minutes(count)} more.`,
  codeOver: 'This code is no longer valid.',
  newCode: 'New link and new code',
  revokeLinks: 'Void all links for everybody',
  linksRevoked: 'The links for everybody are void.',
  sameNetwork: 'This works on the office network, by cable or Wi-Fi.',

  reachTitle: 'How you are told here',
  reach: {
    system: 'Notifications of the system, also while this page is hidden',
    page: 'In this page only',
  },
  reachHelp: {
    granted: 'Just keep a tab of Rappel open.',
    awake:
      'As long as this page is open and the phone is awake. Asleep it shows nothing; for it to wake you, add your events to its own calendar.',
    phone_askable:
      'A sleeping phone shows nothing of a page. While it is awake, this browser can also tell you while the page is hidden.',
    askable: 'This browser can also tell you while the page is hidden.',
    denied:
      'This browser has refused Rappel’s notifications. Allow them in its settings for this address, then reload the page.',
    insecure:
      'Keep this page in sight. Browsers show notifications of the system on a secure address only; the Rappel desktop app always does.',
    unable:
      'Keep this page in sight. This browser shows no notifications of the system; the Rappel desktop app always does.',
    phone:
      'A sleeping phone shows nothing of a page. Here you look, add and answer; for it to wake you, add your events to its own calendar.',
  },
  allowNotifications: 'Allow notifications',
  welcome: (name) => `You are in, ${name}.`,
  understood: 'All right',
  addToCalendar: 'Add to my calendar',

  connected: 'Connected',
  seenNow: 'Seen just now',
  seenMinutes: (count) => `Seen ${minutes(count)} ago`,
  seenToday: (time) => `Seen today at ${time}`,
  seenYesterday: (time) => `Seen yesterday at ${time}`,
  rename: 'Rename',
  officeName: 'The office’s name, by which other computers find it',
  renameOffice: 'Rename the office',
  remove: 'Remove',
  renameNamed: (name) => `Rename ${name}`,
  newName: (name) => `New name of ${name}`,
  save: 'Save',
  onlyAdmin: 'Nobody else looks after Rappel: choose somebody first.',
  future: (count) => (count === 1 ? '1 event ahead' : `${count} events ahead`),
  futureHelp:
    'They will be signed out everywhere and told of nothing any more. What becomes of their events?',
  handOver: 'Their events',
  toOne: 'All to one person',
  oneByOne: 'One by one',
  toNobody: 'To nobody',
  successor: 'To whom',
  successorOf: (title) => `To whom: ${title}`,
  nobody: 'Nobody',
  handedOver: (name) => `${name} has left the team. Their events are handed over.`,
  notAllHandedOver: (count) =>
    count === 1
      ? 'One event could not be handed over. Open it from the agenda.'
      : `${count} events could not be handed over. Open them from the agenda.`,
  privateStay: 'Their private events cannot be seen here and stay as they are.',
};
