/** French words for sharing Rappel with the team from the computer that keeps it. */

export const sharing = {
  title: 'Partager avec mon équipe',
  share: 'Partager avec mon équipe',
  alone: 'Pour l’instant, vous êtes seul à utiliser Rappel.',
  notShared: 'Vos collègues ne peuvent pas encore joindre Rappel.',

  // The question before it begins.
  ask: 'Est-ce l’ordinateur qui reste allumé le plus\u00a0?',
  askHelp:
    'C’est d’ici que partiront les rappels de toute l’équipe\u00a0: mieux vaut l’ordinateur allumé pendant toutes les heures de bureau.',
  startAtLogin: 'Démarrer Rappel avec l’ordinateur',
  keepAwake: 'Ne pas laisser cet ordinateur se mettre en veille',
  keepAwakeHelp:
    'Tant que Rappel est partagé. L’écran peut s’éteindre. Un portable que l’on ferme se met quand même en veille\u00a0: laissez-le ouvert.',
  notAwake:
    'Cet ordinateur n’a pas accepté\u00a0: réglez sa mise en veille dans les paramètres du système.',
  yes: 'Oui, partager',
  no: 'Non, c’est un autre',
  sharing: 'Un instant…',
  cannotListen:
    'Cet ordinateur n’a pas pu ouvrir Rappel au réseau. Redémarrez Rappel, puis réessayez.',
  loginRefused: 'Le système n’a pas accepté de démarrer Rappel tout seul.',

  // Another computer is the better one.
  otherTitle: 'Alors partagez d’ici, puis déplacez le bureau',
  otherSteps: [
    'Partagez d’abord depuis cet ordinateur.',
    'Sur l’autre, installez Rappel, choisissez «\u00a0Rejoindre mon bureau\u00a0» et dites que c’est vous\u00a0; ici, acceptez.',
    'Ici, dans les réglages, allez à «\u00a0Déplacer le bureau sur un autre ordinateur\u00a0».',
  ],
  otherHelp:
    'Rien ne se perd, et l’autre devient l’ordinateur principal. D’ici là, laissez celui-ci allumé\u00a0: éteint ou en veille, il ne prévient aucun navigateur.',
  anyway: 'Partager d’ici',
  back: 'Retour',

  // While it is shared.
  noNetwork:
    'Personne d’autre ne peut joindre Rappel en ce moment\u00a0: cet ordinateur n’est sur aucun réseau. Branchez le câble ou choisissez le Wi-Fi du bureau\u00a0; la suite vient d’elle-même.',
  failed:
    'Personne d’autre ne peut joindre Rappel en ce moment\u00a0: cet ordinateur ne le laisse pas s’ouvrir au réseau. Redémarrez Rappel.',
  reached: 'Un autre appareil a déjà trouvé Rappel\u00a0: le réseau laisse passer.',
  nextStep:
    'Chacun scanne, ouvre le lien ou saisit le code, et dit qui il est. Vous acceptez d’un clic.',
  preparing: 'Un instant…',
  thisComputer: 'Cet ordinateur',
  stop: 'Ne plus partager',
  stopTitle: 'Ne plus partager Rappel\u00a0?',
  stopHelp:
    'Vos collègues ne seront plus prévenus par cet ordinateur, et leurs pages ne s’ouvriront plus. Rien n’est effacé.',
  stopped: 'Rappel n’est plus partagé.',

  // What may keep them out.
  public:
    'Ce réseau est indiqué comme public\u00a0: cet ordinateur y refuse sans doute les autres appareils.',
  publicHelp: {
    windows:
      'Si c’est le réseau de votre bureau\u00a0: Paramètres → Réseau et Internet → Propriétés → Type de profil réseau → Privé.',
    other:
      'Si c’est le réseau de votre bureau, la personne qui s’occupe de l’informatique peut le déclarer de confiance.',
  },
  nobodyTitle: 'Personne n’est encore arrivé\u00a0?',
  nobodyNetwork:
    'L’appareil de votre collègue est-il sur le même réseau que cet ordinateur\u00a0? Un Wi-Fi «\u00a0invités\u00a0» sépare les appareils les uns des autres\u00a0: prenez le Wi-Fi du bureau, ou le câble.',
  nobodyPublic:
    'Sur un réseau public (hôtel, gare, café), les appareils ne se voient pas entre eux.',
  nobodyFirewall: {
    windows:
      'Le pare-feu de Windows\u00a0: Sécurité Windows → Pare-feu et protection du réseau → Autoriser une application → cochez Rappel, colonne Privé.',
    macos:
      'Le coupe-feu du Mac\u00a0: Réglages Système → Réseau → Coupe-feu → Options → Rappel → Autoriser les connexions entrantes.',
    ufw: 'Le pare-feu de cet ordinateur (ufw) est actif. La personne qui s’occupe de l’informatique peut y laisser entrer Rappel\u00a0:',
    firewalld:
      'Le pare-feu de cet ordinateur (firewalld) est actif. La personne qui s’occupe de l’informatique peut y laisser entrer Rappel\u00a0:',
    unknown:
      'Un pare-feu ou un antivirus, sur cet ordinateur, doit laisser entrer Rappel\u00a0: demandez à la personne qui s’occupe de l’informatique.',
  },

  // The hub is elsewhere now.
  movedTitle: 'L’adresse de Rappel a changé',
  movedHelp: (from: string, to: string) =>
    `C’était ${from}, c’est maintenant ${to}. Les applications de bureau suivent d’elles-mêmes. Dans un navigateur, chacun ouvre la nouvelle adresse et dit qui il est\u00a0: vous acceptez d’un clic.`,
  showNew: 'Afficher le nouveau code',
  movedDone: 'C’est dit à tous',

  // Whoever has nothing to share.
  lookedAfterBy: (names: string) => `Pour inviter quelqu’un, adressez-vous à ${names}.`,
};

export type SharingWords = typeof sharing;
