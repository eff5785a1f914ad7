/** Les mots pour la copie sur un autre ordinateur, et pour le changement d’ordinateur du bureau. */

export const succession = {
  title: 'Si l’ordinateur principal tombe en panne',
  help: 'Un autre ordinateur du bureau peut garder chaque jour une copie chiffrée de tout. Si l’ordinateur principal disparaît, il prend sa place en deux clics.',
  nobody: 'Aucun ordinateur ne garde de copie.',
  noneCan:
    'Pour cela, installez Rappel sur l’ordinateur de quelqu’un qui administre Rappel, et rejoignez-y ce bureau.',
  keeps: (computer: string, person: string) => `${computer} (${person}) garde la copie.`,
  keptAt: (when: string) => `Dernière copie : ${when}`,
  keptNever: 'La première copie n’est pas encore faite.',
  keptOld: 'Elle date de plus de deux jours : cet ordinateur est-il allumé ?',
  keep: 'Y garder la copie',
  stop: 'Ne plus y garder de copie',
  stopTitle: (computer: string) => `Ne plus garder de copie sur ${computer} ?`,
  stopHelp: 'Les copies déjà faites y restent, mais plus rien ne s’y ajoute.',
  away: 'éteint ou absent',
  online: 'connecté',
  moveHeading: 'Déplacer le bureau sur un autre ordinateur',
  moveAbout:
    'Un autre ordinateur reste allumé plus longtemps, ou celui-ci va être remplacé\u00a0? Tout peut y passer, sans rien perdre. L’autre ordinateur doit être allumé, et Rappel ouvert.',
  moveFromThere: 'Cela se fait sur l’ordinateur principal, dans ses réglages.',
  move: 'Y déplacer le bureau',
  moveTitle: (computer: string) => `Déplacer le bureau vers ${computer} ?`,
  moveHelp:
    'Personnes, événements et historique y sont transférés, rien ne se perd. Pendant quelques secondes, rien ne peut être enregistré. Ensuite, cet ordinateur devient un poste comme les autres ; dans les navigateurs, l’adresse change.',
  moveConfirm: 'Déplacer',
  moving: (computer: string) => `Le bureau part vers ${computer}…`,
  notMoved: 'Le bureau n’a pas bougé : l’autre ordinateur ne l’a pas pris.',
  giveUp: 'Annuler',
  takeOver: 'L’ordinateur principal ne reviendra pas\u00a0? Mettre celui-ci à sa place',
  takingOver: 'Cet ordinateur devient l’ordinateur principal…',
  takeOverTitle: 'Faire de celui-ci l’ordinateur principal\u00a0?',
  takeOverHelp: (when: string) =>
    `Tout reprend à partir de la copie du ${when}. Les événements, personnes et appareils ajoutés ou modifiés depuis sont perdus. À faire seulement si l’ordinateur principal ne revient pas\u00a0; s’il revient, il s’effacera devant celui-ci. Dans les navigateurs, l’adresse change\u00a0: donnez la nouvelle à vos collègues.`,
  takeOverConfirm: 'En faire l’ordinateur principal',
  tookOver: 'Cet ordinateur est maintenant l’ordinateur principal.',
  copyHere: (when: string) => `Cet ordinateur garde une copie du bureau, du ${when}.`,
  movedTitle: 'Ce bureau est maintenant sur un autre ordinateur.',
  movedTitleTo: (computer: string) => `Ce bureau est maintenant sur ${computer}.`,
  movedHelp:
    'Il a pris le relais pendant que cet ordinateur était absent\u00a0; celui-ci ne tient plus l’agenda et ne rappelle plus rien à personne. Rejoignez le bureau\u00a0: la personne qui s’occupe de Rappel vous donne un code.',
  movedAt: 'Il a été trouvé à l’adresse',
  movedJoin: 'Le rejoindre',
  movedFollows: 'Cet ordinateur suit. Cela prend quelques secondes.',
  movedPage: 'Ouvrez-le à sa nouvelle adresse\u00a0:',
  movedPageHelp:
    'S’il ne vous y reconnaît pas, dites qui vous êtes\u00a0: la personne qui s’occupe de Rappel vous laisse entrer.',

  // Why it did not come about.
  refused: {
    hub_answers:
      'L’ordinateur principal répond\u00a0: rien n’a changé. C’est dans ses réglages que le bureau se déplace.',
    no_copy: 'Cet ordinateur n’a pas de copie du bureau. Rien n’a changé.',
    copy_newer:
      'La copie vient d’une version plus récente de Rappel\u00a0: mettez Rappel à jour sur cet ordinateur. Rien n’a changé.',
    copy_damaged: 'La copie gardée ici est abîmée. Rien n’a changé.',
    copy_unwritten:
      'La copie n’a pas pu être mise en place sur cet ordinateur\u00a0: y a-t-il assez de place sur son disque\u00a0? Rien n’a changé.',
    data_in_use:
      'Un autre Rappel de cet ordinateur se sert de ses données. Fermez-le, puis réessayez.',
    office_of_its_own:
      'Cet ordinateur a déjà un bureau à lui\u00a0: il ne peut pas prendre la place d’un autre.',
    not_joined: 'Cet ordinateur n’est membre d’aucun bureau.',
    hub_moving: 'Le bureau change d’ordinateur\u00a0: réessayez dans quelques secondes.',
    heir_away: 'Cet ordinateur n’est pas connecté en ce moment\u00a0: allumez-le et ouvrez-y Rappel.',
    handover_under_way: 'Le bureau est déjà en train de changer d’ordinateur.',
    no_heir:
      'Il faut un ordinateur de quelqu’un qui administre Rappel, où Rappel est installé et a rejoint ce bureau.',
  },
};

export type SuccessionWords = typeof succession;
