/** French words for the secure office: what it is, how it is installed, and the way there. */

/** What the page explains separately. */
export type System = 'windows' | 'mac' | 'iphone' | 'android' | 'firefox' | 'chrome';

export const secure = {
  title: 'Bureau sécurisé',
  plain: 'Non chiffré sur ce réseau',
  plainWhy:
    'Sur le réseau du bureau, d’autres pourraient lire ce qui passe par cette adresse. Et si l’ordinateur principal offre d’autres pages que Rappel, votre navigateur leur envoie aussi ce qui vous fait reconnaître ici.',
  needed:
    'Cela se fait sur l’adresse sécurisée seulement. Les réglages disent comment y aller.',
  toSecure: 'Passer à l’adresse sécurisée',
  administrationElsewhere:
    'L’équipe, les invitations et les réglages du bureau se gèrent sur l’adresse sécurisée, ou sur l’ordinateur principal.',

  // For whoever looks after Rappel.
  about:
    'Les navigateurs passent alors par une adresse chiffrée (https). Chaque appareil doit faire confiance à votre bureau une fois\u00a0: une page l’explique pas à pas. Les applications Rappel des ordinateurs sont déjà protégées.',
  gains:
    'Sur l’adresse sécurisée, les navigateurs peuvent aussi montrer des notifications du système, et Rappel s’installe comme une application.',
  turnOn: 'Activer le bureau sécurisé',
  turnedOn: 'Le bureau sécurisé est activé.',
  address: 'Adresse sécurisée',
  noAddress: 'Aucune\u00a0: ce réseau n’a pas d’adresse privée.',
  explainedAt: 'La page pour vos collègues',
  explainedHelp: 'Elle dit, appareil par appareil, ce qu’il faut installer et comment.',
  fingerprint: 'Empreinte, à comparer',
  thumbprint: 'Pour Windows',
  compareHere:
    'Lorsqu’un appareil installe l’autorité de ce bureau, il montre ces signes. S’ils sont différents, il ne faut pas continuer.',
  until: (moment: string) => `Valable jusqu’au ${moment}.`,
  takesPlain: 'Garder aussi l’adresse non chiffrée (http)',
  takesPlainHelp:
    'Sans elle, un appareil qui ne fait pas encore confiance au bureau ne voit que la page qui l’explique. Les programmes doivent passer à https.',
  turnOff: 'Désactiver le bureau sécurisé',
  turnOffTitle: 'Désactiver le bureau sécurisé\u00a0?',
  turnOffHelp:
    'L’adresse sécurisée ne répondra plus. Ceux qui l’utilisent devront revenir à l’adresse non chiffrée, avec une nouvelle invitation.',
  turnedOff: 'Le bureau sécurisé est désactivé.',

  // For everybody: the page.
  isOff: 'Ce bureau n’a pas d’adresse sécurisée.',
  here: 'Vous êtes sur l’adresse sécurisée.',
  hereHelp: 'Ce que vous écrivez ici ne peut être lu par personne d’autre sur le réseau.',
  install: 'Installer l’application',
  installHelp:
    'Dans le menu de ce navigateur, choisissez «\u00a0Installer\u00a0» ou «\u00a0Ajouter à l’écran d’accueil\u00a0»\u00a0: Rappel s’ouvre alors comme une application.',
  trusted: 'Cet appareil fait confiance à votre bureau.',
  trustedHelp: 'Continuez sur l’adresse sécurisée\u00a0: vous y restez connecté.',
  trustedNew: 'Continuez sur l’adresse sécurisée.',
  go: 'Continuer',
  going: 'Un instant…',
  intro:
    'Votre bureau a une adresse chiffrée. Pour que cet appareil la reconnaisse, installez l’autorité de votre bureau. C’est à faire une fois.',
  meaningTitle: 'Ce que cela veut dire',
  meaning: [
    'Une autorité est une signature à laquelle cet appareil croit. Celle-ci vient de l’ordinateur principal, et d’aucune entreprise.',
    'Elle ne vaut que pour les adresses privées, celles d’un bureau ou d’une maison, et pour les noms de cet ordinateur\u00a0: ni pour votre banque, ni pour aucun site.',
    'Qui la volerait pourrait se faire passer pour un autre appareil de votre réseau. Vous pouvez l’enlever à tout moment, là où vous l’avez installée.',
  ],
  compareTitle: 'Comparez avant d’accepter',
  compare:
    'Votre appareil montre une empreinte\u00a0: une suite de lettres et de chiffres. Elle doit être la même que sur l’écran de l’ordinateur principal (Réglages, Bureau sécurisé). Si elle est différente, n’installez rien et prévenez la personne qui s’occupe de Rappel.',
  compareThese: 'Voici les empreintes, lues sur une voie sûre\u00a0:',
  yourDevice: 'Votre appareil',
  systems: {
    windows: 'Windows',
    mac: 'Mac',
    iphone: 'iPhone, iPad',
    android: 'Android',
    firefox: 'Linux, Firefox',
    chrome: 'Linux, Chrome',
  } satisfies Record<System, string>,
  download: 'Télécharger l’autorité',
  downloadProfile: 'Télécharger le profil',
  steps: {
    windows: [
      'Téléchargez le fichier, puis ouvrez-le.',
      'Choisissez «\u00a0Installer un certificat\u00a0», puis «\u00a0Utilisateur actuel\u00a0».',
      'Choisissez «\u00a0Placer tous les certificats dans le magasin suivant\u00a0», «\u00a0Parcourir\u00a0», puis «\u00a0Autorités de certification racines de confiance\u00a0».',
      'Windows montre une empreinte (sha1). Comparez-la avec la ligne «\u00a0Pour Windows\u00a0» sur l’écran de l’ordinateur principal. La même\u00a0? Répondez oui.',
      'Fermez toutes les fenêtres du navigateur, puis ouvrez-le de nouveau.',
    ],
    mac: [
      'Téléchargez le fichier, puis ouvrez-le\u00a0: il s’ajoute au Trousseau d’accès.',
      'Dans le Trousseau, ouvrez la ligne qui commence par «\u00a0Rappel\u00a0», et comparez l’empreinte SHA-256, tout en bas.',
      'Sous «\u00a0Se fier\u00a0», choisissez «\u00a0Toujours approuver\u00a0», fermez la fenêtre et donnez votre mot de passe.',
    ],
    iphone: [
      'Ouvrez cette page dans Safari et téléchargez le profil\u00a0: acceptez.',
      'Dans Réglages, ouvrez «\u00a0Profil téléchargé\u00a0», puis «\u00a0Plus de détails\u00a0», et comparez l’empreinte SHA-256.',
      'Revenez et choisissez «\u00a0Installer\u00a0».',
      'Dans Réglages, Général, Informations, «\u00a0Réglages des certificats\u00a0», activez la ligne «\u00a0Rappel\u00a0».',
    ],
    android: [
      'Téléchargez le fichier.',
      'Dans Paramètres, cherchez «\u00a0certificat\u00a0», puis «\u00a0Installer un certificat\u00a0», «\u00a0Certificat CA\u00a0», et choisissez le fichier.',
      'Dans «\u00a0Certificats de confiance\u00a0», «\u00a0Utilisateur\u00a0», ouvrez «\u00a0Rappel\u00a0» et comparez l’empreinte SHA-256. Si elle est différente, enlevez-le.',
      'Utilisez Chrome\u00a0: Firefox sur Android n’y croit pas de lui-même. Android rappellera de temps en temps qu’une autorité est installée.',
    ],
    firefox: [
      'Téléchargez le fichier. Si Firefox demande aussitôt s’il faut y croire, passez à la troisième étape.',
      'Dans Paramètres, Vie privée et sécurité, «\u00a0Afficher les certificats\u00a0», Autorités, choisissez «\u00a0Importer\u00a0».',
      'Choisissez «\u00a0Voir\u00a0» et comparez l’empreinte SHA-256.',
      'Cochez «\u00a0Confirmer cette AC pour identifier des sites web\u00a0».',
    ],
    chrome: [
      'Téléchargez le fichier.',
      'Ouvrez chrome://certificate-manager, puis «\u00a0Installés par vous\u00a0», «\u00a0Certificats de confiance\u00a0», et importez-le.',
      'Ouvrez la ligne «\u00a0Rappel\u00a0» et comparez l’empreinte SHA-256.',
    ],
  } satisfies Record<System, string[]>,
  check: 'Vérifier',
  checking: 'Vérification…',
  notTrusted: 'Pas encore\u00a0: cet appareil ne reconnaît pas l’adresse sécurisée.',
  arrivalFailed:
    'Vous n’avez pas pu être reconnu ici. Revenez à l’adresse d’avant et recommencez.',
  onlyThis: 'Ce bureau n’accepte plus que son adresse sécurisée.',
  toAgenda: 'Ouvrir l’agenda',
  knownAddress: 'Ce bureau a une adresse sécurisée.',
};

export type SecureWords = typeof secure;
