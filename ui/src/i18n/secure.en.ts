/** English words for the secure office: what it is, how it is installed, and the way there. */

import type { SecureWords } from './secure.fr';

export const secure: SecureWords = {
  title: 'Secure office',
  plain: 'Not encrypted on this network',
  plainWhy:
    'On the office network, others could read what passes by this address. And where the main computer offers other pages than Rappel, your browser sends them, too, what signs you in here.',
  needed: 'This is done on the secure address only. The settings say how to get there.',
  toSecure: 'Go to the secure address',
  administrationElsewhere:
    'The team, invitations and the office’s settings are looked after on the secure address, or on the main computer.',

  about:
    'Browsers then use an encrypted address (https). Each device has to trust your office once: a page explains it step by step. The Rappel apps of your computers are protected already.',
  gains:
    'On the secure address, browsers can also show notifications of the system, and Rappel can be installed like an app.',
  turnOn: 'Switch the secure office on',
  turnedOn: 'The secure office is on.',
  address: 'Secure address',
  noAddress: 'None: this network has no private address.',
  explainedAt: 'The page for your colleagues',
  explainedHelp: 'It says, device by device, what to install and how.',
  fingerprint: 'Fingerprint, to compare',
  thumbprint: 'For Windows',
  compareHere:
    'When a device installs this office’s authority, it shows these signs. If they are different, do not go on.',
  until: (moment) => `Good until ${moment}.`,
  takesPlain: 'Keep the unencrypted address (http) as well',
  takesPlainHelp:
    'Without it, a device that does not trust the office yet sees nothing but the page that explains it. Programs have to use https.',
  turnOff: 'Switch the secure office off',
  turnOffTitle: 'Switch the secure office off?',
  turnOffHelp:
    'The secure address will not answer any more. Whoever uses it has to go back to the unencrypted address, with a new invitation.',
  turnedOff: 'The secure office is off.',

  isOff: 'This office has no secure address.',
  here: 'You are on the secure address.',
  hereHelp: 'Nobody else on the network can read what you write here.',
  install: 'Install the app',
  installHelp:
    'In this browser’s menu, choose “Install” or “Add to home screen”: Rappel then opens like an app.',
  trusted: 'This device trusts your office.',
  trustedHelp: 'Continue on the secure address: you stay signed in.',
  trustedNew: 'Continue on the secure address.',
  go: 'Continue',
  going: 'One moment…',
  intro:
    'Your office has an encrypted address. For this device to know it, install your office’s authority. You do this once.',
  meaningTitle: 'What this means',
  meaning: [
    'An authority is a signature that this device believes. This one comes from the main computer, and from no company.',
    'It is good for private addresses only, those of an office or a home, and for the names of that computer: not for your bank, nor for any website.',
    'Whoever stole it could pretend to be another device on your network. You can remove it at any time, where you installed it.',
  ],
  compareTitle: 'Compare before you accept',
  compare:
    'Your device shows a fingerprint: a row of letters and digits. It must be the same as on the screen of the main computer (Settings, Secure office). If it is different, install nothing and tell whoever looks after Rappel.',
  compareThese: 'These are the fingerprints, read over a safe line:',
  yourDevice: 'Your device',
  systems: {
    windows: 'Windows',
    mac: 'Mac',
    iphone: 'iPhone, iPad',
    android: 'Android',
    firefox: 'Linux, Firefox',
    chrome: 'Linux, Chrome',
  },
  download: 'Download the authority',
  downloadProfile: 'Download the profile',
  steps: {
    windows: [
      'Download the file, then open it.',
      'Choose “Install Certificate”, then “Current User”.',
      'Choose “Place all certificates in the following store”, “Browse”, then “Trusted Root Certification Authorities”.',
      'Windows shows a thumbprint (sha1). Compare it with the line “For Windows” on the screen of the main computer. The same? Answer yes.',
      'Close all windows of the browser, then open it again.',
    ],
    mac: [
      'Download the file, then open it: it is added to Keychain Access.',
      'In Keychain Access, open the line that begins with “Rappel”, and compare the SHA-256 fingerprint at the bottom.',
      'Under “Trust”, choose “Always Trust”, close the window and give your password.',
    ],
    iphone: [
      'Open this page in Safari and download the profile: allow it.',
      'In Settings, open “Profile Downloaded”, then “More Details”, and compare the SHA-256 fingerprint.',
      'Go back and choose “Install”.',
      'In Settings, General, About, “Certificate Trust Settings”, switch the line “Rappel” on.',
    ],
    android: [
      'Download the file.',
      'In Settings, search for “certificate”, then “Install a certificate”, “CA certificate”, and choose the file.',
      'Under “Trusted credentials”, “User”, open “Rappel” and compare the SHA-256 fingerprint. If it is different, remove it.',
      'Use Chrome: Firefox on Android does not believe it by itself. Android will remind you now and then that an authority is installed.',
    ],
    firefox: [
      'Download the file. If Firefox asks at once whether to trust it, go on with the third step.',
      'In Settings, Privacy & Security, “View Certificates”, Authorities, choose “Import”.',
      'Choose “View” and compare the SHA-256 fingerprint.',
      'Tick “Trust this CA to identify websites”.',
    ],
    chrome: [
      'Download the file.',
      'Open chrome://certificate-manager, then “Installed by you”, “Trusted certificates”, and import it.',
      'Open the line “Rappel” and compare the SHA-256 fingerprint.',
    ],
  },
  check: 'Check',
  checking: 'Checking…',
  notTrusted: 'Not yet: this device does not know the secure address.',
  arrivalFailed: 'You could not be recognised here. Go back to the address before and try again.',
  onlyThis: 'This office takes nothing but its secure address.',
  toAgenda: 'Open the agenda',
  knownAddress: 'This office has a secure address.',
};
