/** French words for coming in, letting in, people and their devices. */

const minutes = (count: number): string => (count === 1 ? '1\u00a0minute' : `${count}\u00a0minutes`);

export const joining = {
  // The door, seen from outside.
  yourName: 'Votre nom',
  nameMissing: 'Comment vous appelez-vous\u00a0?',
  nameRefused: 'Ce nom n’est pas accepté\u00a0: des lettres, 60\u00a0caractères au plus.',
  ask: 'Demander à entrer',
  asking: 'Un instant…',
  askHelp:
    'Dites qui vous êtes\u00a0: la personne qui s’occupe de Rappel dans votre bureau voit votre demande aussitôt et vous ouvre.',
  haveCode: 'J’ai un code',
  code: 'Code',
  codeHelp: 'Douze lettres et chiffres, affichés ou dictés par un collègue.',
  next: 'Continuer',
  openTitle: 'Bienvenue',
  openHelp: (office: string) => `Vous êtes invité à rejoindre Rappel (${office}).`,
  whoAreYou: 'Qui êtes-vous\u00a0?',
  somebodyElse: 'Mon nom n’est pas dans la liste',
  chooseMissing: 'Choisissez votre nom.',
  personalTitle: (name: string) => `Bonjour ${name}.`,
  personalHelp: (office: string) => `Votre place est prête (${office}).`,
  waitingTitle: 'C’est presque fait.',
  waitingHelp:
    'Votre demande est partie. Dès qu’elle est acceptée, cette page s’ouvre d’elle-même.',
  waitingAs: (name: string, device: string) => `${name} (${device})`,
  withdraw: 'Ne plus demander',
  declinedTitle: 'Pas maintenant.',
  declinedHelp:
    'Votre demande n’a pas été acceptée cette fois-ci. Parlez-en à la personne qui s’occupe de Rappel, puis demandez de nouveau.',
  expiredTitle: 'Personne n’a répondu.',
  expiredHelp:
    'Votre demande a attendu dix minutes. La personne qui s’occupe de Rappel est peut-être absente\u00a0: demandez de nouveau quand elle sera là.',
  goneTitle: 'Il faut redemander.',
  goneHelp: 'Rappel a redémarré entre-temps et ne connaît plus votre demande.',
  again: 'Demander de nouveau',
  onPhone:
    'Sur un téléphone, vous pouvez ici consulter, ajouter et répondre. Pour qu’il vous réveille, ajoutez vos événements à son calendrier\u00a0: chaque page d’événement le propose.',

  // The door, seen from inside.
  wantsIn: (name: string, device: string) => `${name} (${device}) souhaite entrer`,
  announce: (name: string) => `${name} souhaite entrer dans Rappel.`,
  request: 'Demande',
  requestInvited: 'Avec le lien pour tous',
  requestUninvited: 'Sans invitation',
  comesInAs: 'Entre en tant que',
  newPerson: (name: string) => `${name} (nouvelle personne)`,
  knownPerson: (name: string) =>
    `${name} fait déjà partie de l’équipe\u00a0: acceptez seulement si c’est bien cette personne.`,
  knownAdmin: (name: string) =>
    `${name} administre Rappel\u00a0: acceptez seulement si vous en êtes sûr.`,
  accept: 'Accepter',
  notNow: 'Pas maintenant',
  accepted: (name: string) => `${name} peut entrer.`,
  noLonger: 'Cette demande n’est plus là.',
  waitingHere: 'Demandes en attente',
  inviteAll: 'Inviter mes collègues',
  inviteAllHelp:
    'Un seul lien pour tout le monde. Chacun l’ouvre, dit qui il est, et vous acceptez d’un clic.',
  showInvitation: 'Afficher le lien et le code',
  scan: 'Avec l’appareil photo du téléphone',
  qr: 'Code QR du lien',
  orLink: 'Le lien, à envoyer',
  linkUntil: (moment: string) => `Pour tous vos collègues, jusqu’au ${moment}.`,
  orType: (address: string) => `Ou bien\u00a0: ouvrir ${address} et saisir le code`,
  codeLeft: (count: number) => `Encore valable ${minutes(count)}.`,
  codeOver: 'Ce code n’est plus valable.',
  newCode: 'Nouveau lien et nouveau code',
  revokeLinks: 'Annuler tous les liens pour tous',
  linksRevoked: 'Les liens pour tous ne sont plus valables.',
  sameNetwork: 'Cela marche sur le réseau du bureau, par câble ou Wi-Fi.',

  // What this browser can do.
  reachTitle: 'Comment vous êtes prévenu ici',
  reach: {
    system: 'Notifications du système, même quand cette page est cachée',
    page: 'Dans cette page seulement',
  },
  reachHelp: {
    granted: 'Gardez simplement un onglet de Rappel ouvert.',
    awake:
      'Tant que cette page est ouverte et que le téléphone est éveillé. En veille, il ne montre rien\u00a0; pour qu’il vous réveille, ajoutez vos événements à son propre calendrier.',
    phone_askable:
      'Un téléphone en veille ne montre rien d’une page. Éveillé, ce navigateur peut vous prévenir aussi quand la page est cachée.',
    askable: 'Ce navigateur peut aussi vous prévenir quand la page est cachée.',
    denied:
      'Ce navigateur a refusé les notifications de Rappel. Autorisez-les dans ses réglages pour cette adresse, puis rechargez la page.',
    insecure:
      'Gardez cette page visible. Les navigateurs n’affichent de notifications du système que sur une adresse sécurisée\u00a0; l’application de bureau Rappel le fait toujours.',
    unable:
      'Gardez cette page visible. Ce navigateur n’affiche pas de notifications du système\u00a0; l’application de bureau Rappel le fait toujours.',
    phone:
      'Un téléphone en veille ne montre rien d’une page. Ici vous consultez, ajoutez et répondez\u00a0; pour qu’il vous réveille, ajoutez vos événements à son calendrier.',
  },
  allowNotifications: 'Autoriser les notifications',
  welcome: (name: string) => `Vous y êtes, ${name}.`,
  understood: 'D’accord',
  addToCalendar: 'Ajouter à mon calendrier',

  // People and their devices.
  connected: 'Connecté',
  seenNow: 'Vu à l’instant',
  seenMinutes: (count: number) => `Vu il y a ${minutes(count)}`,
  seenToday: (time: string) => `Vu aujourd’hui à ${time}`,
  seenYesterday: (time: string) => `Vu hier à ${time}`,
  rename: 'Renommer',
  officeName: 'Le nom du bureau, sous lequel les autres ordinateurs le trouvent',
  renameOffice: 'Renommer le bureau',
  remove: 'Retirer',
  renameNamed: (name: string) => `Renommer ${name}`,
  newName: (name: string) => `Nouveau nom de ${name}`,
  save: 'Enregistrer',
  onlyAdmin: 'Vous êtes seul à administrer Rappel\u00a0: nommez d’abord quelqu’un d’autre.',
  future: (count: number) =>
    count === 1 ? '1\u00a0événement à venir' : `${count}\u00a0événements à venir`,
  futureHelp:
    'Cette personne sera déconnectée partout et ne sera plus prévenue de rien. Que deviennent ses événements\u00a0?',
  handOver: 'Ses événements',
  toOne: 'Tous à une personne',
  oneByOne: 'Un par un',
  toNobody: 'À personne',
  successor: 'À qui',
  successorOf: (title: string) => `À qui\u00a0: ${title}`,
  nobody: 'Personne',
  handedOver: (name: string) => `${name} ne fait plus partie de l’équipe. Ses événements sont répartis.`,
  notAllHandedOver: (count: number) =>
    `${count === 1 ? 'Un événement n’a' : `${count} événements n’ont`} pas pu être réattribué${count === 1 ? '' : 's'}. Ouvrez-le${count === 1 ? '' : 's'} depuis l’agenda.`,
  privateStay: 'Ses événements privés ne sont pas visibles ici et restent comme ils sont.',
};

export type JoiningWords = typeof joining;
