/** English words for a desktop that joins the office of another computer. */

import type { JoiningOfficeWords } from './joining-office.fr';

export const joiningOffice: JoiningOfficeWords = {
  foundTitle: 'Rappel is already in your office',
  foundHelp: 'Choose your office to join it.',
  here: 'on this computer',
  orCreate: 'Or create a new one.',
  joinMine: 'Join my office',
  title: 'Join my office',
  noneYet: 'No office found yet.',
  noneHelp:
    'Is this computer on the same network as the others (Wi-Fi or cable)? The list fills by itself.',
  where: 'Link or address',
  whereHelp: 'Paste the invitation’s link, or type the address shown on the main computer.',
  whereMissing: 'Paste a link, type an address, or choose an office.',
  next: 'Continue',
  back: 'Back',
  codeTitle: (office) => `Join ${office}`,
  codeTitleUnnamed: 'Join this office',
  code: 'Code',
  codeHelp: 'Twelve letters and digits. Ask whoever looks after Rappel: Settings, Invite.',
  codeMissing: 'Type the code.',
  join: 'Join',
  joining: 'One moment…',
  askTitle: (office) => `Who are you at ${office}?`,
  waitingHelp:
    'Your request is on its way. As soon as it is accepted, Rappel opens by itself: you can close the window.',
  wrong: {
    notLetIn: 'This code or link is not right, or no longer valid. Ask for a new one.',
    tooMany: 'Too many tries. Wait a minute, then try again.',
    link: 'This link is no invitation. Copy all of it.',
    address: 'This is not an address. Example: 192.168.1.20',
    code: 'A code has twelve letters and digits.',
    silent:
      'Nobody answers there. Is the main computer on, and this one on the same network?',
    wrongKey: 'Another computer answers there than the one that invited you. It was told nothing.',
    notSaved: 'The membership could not be saved on this computer.',
  },

  awayTitle: (office) => `The main computer does not answer (${office}).`,
  awayTitleUnnamed: 'The main computer does not answer.',
  awayHelp:
    'It may be switched off, or this computer is no longer on the office network. Rappel goes on trying and comes back by itself.',
  wrongKeyTitle: 'Another computer answers in place of the main one.',
  wrongKeyHelp:
    'It was told nothing. If the main computer has been replaced, leave this office and join it again.',
  outTitle: 'This computer is no longer a member of the office.',
  outTitleNamed: (office) => `This computer is no longer a member of ${office}.`,
  outHelp:
    'Somebody took it off the list of devices. With a new invitation you can join again.',
  joinAgain: 'Join again',

  section: 'My office',
  memberOf: (office) => `This computer is a member of ${office}.`,
  keptBy: (name) => `The main computer is ${name}’s.`,
  reachedAt: 'Main computer:',
  leave: 'Leave this office',
  leaveTitle: 'Leave this office?',
  leaveHelp:
    'This computer will no longer show the office’s events and reminders. To come back you will need a new invitation.',
  left: 'This computer has left the office.',
};
