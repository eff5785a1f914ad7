/** French words for a desktop that joins the office of another computer. */

export const joiningOffice = {
  foundTitle: 'Rappel est déjà dans votre bureau',
  foundHelp: 'Choisissez votre bureau pour le rejoindre.',
  here: 'sur cet ordinateur',
  orCreate: 'Ou bien créez-en un nouveau.',
  joinMine: 'Rejoindre mon bureau',
  title: 'Rejoindre mon bureau',
  noneYet: 'Aucun bureau trouvé pour l’instant.',
  noneHelp:
    'Cet ordinateur est-il sur le même réseau que les autres (Wi-Fi ou câble)\u00a0? La liste se complète d’elle-même.',
  where: 'Lien ou adresse',
  whereHelp: 'Collez le lien d’invitation, ou tapez l’adresse affichée sur l’ordinateur principal.',
  whereMissing: 'Collez un lien, tapez une adresse, ou choisissez un bureau.',
  next: 'Continuer',
  back: 'Retour',
  codeTitle: (office: string) => `Rejoindre ${office}`,
  codeTitleUnnamed: 'Rejoindre ce bureau',
  code: 'Code',
  codeHelp:
    'Douze lettres et chiffres. Demandez-le à qui s’occupe de Rappel\u00a0: Réglages, Inviter.',
  codeMissing: 'Tapez le code.',
  join: 'Rejoindre',
  joining: 'Un instant…',
  askTitle: (office: string) => `Qui êtes-vous, chez ${office}\u00a0?`,
  waitingHelp:
    'Votre demande est partie. Dès qu’elle est acceptée, Rappel s’ouvre de lui-même\u00a0: vous pouvez fermer la fenêtre.',
  wrong: {
    notLetIn:
      'Ce code ou ce lien n’est pas le bon, ou n’est plus valable. Demandez-en un nouveau.',
    tooMany: 'Trop d’essais. Attendez une minute, puis réessayez.',
    link: 'Ce lien n’est pas une invitation. Copiez-le en entier.',
    address: 'Cette adresse n’en est pas une. Exemple\u00a0: 192.168.1.20',
    code: 'Un code a douze lettres et chiffres.',
    silent:
      'Personne ne répond là. L’ordinateur principal est-il allumé, et celui-ci sur le même réseau\u00a0?',
    wrongKey:
      'Un autre ordinateur répond à cet endroit que celui de l’invitation. Rien ne lui a été dit.',
    notSaved: 'L’adhésion n’a pas pu être enregistrée sur cet ordinateur.',
  },

  awayTitle: (office: string) => `L’ordinateur principal ne répond pas (${office}).`,
  awayTitleUnnamed: 'L’ordinateur principal ne répond pas.',
  awayHelp:
    'Il est peut-être éteint, ou cet ordinateur n’est plus sur le réseau du bureau. Rappel continue d’essayer et revient de lui-même.',
  wrongKeyTitle: 'Un autre ordinateur répond à la place du principal.',
  wrongKeyHelp:
    'Rien ne lui a été dit. Si l’ordinateur principal a été remplacé, quittez ce bureau et rejoignez-le à nouveau.',
  outTitle: 'Cet ordinateur n’est plus membre du bureau.',
  outTitleNamed: (office: string) => `Cet ordinateur n’est plus membre du bureau «\u00a0${office}\u00a0».`,
  outHelp:
    'Quelqu’un l’a retiré de la liste des appareils. Avec une nouvelle invitation, vous le rejoignez à nouveau.',
  joinAgain: 'Rejoindre à nouveau',

  section: 'Mon bureau',
  memberOf: (office: string) => `Cet ordinateur est membre du bureau «\u00a0${office}\u00a0».`,
  keptBy: (name: string) => `L’ordinateur principal est chez ${name}.`,
  reachedAt: 'Ordinateur principal\u00a0:',
  leave: 'Quitter ce bureau',
  leaveTitle: 'Quitter ce bureau\u00a0?',
  leaveHelp:
    'Cet ordinateur n’affichera plus les événements ni les rappels du bureau. Pour revenir, il faudra une nouvelle invitation.',
  left: 'Cet ordinateur a quitté le bureau.',
};

export type JoiningOfficeWords = typeof joiningOffice;
