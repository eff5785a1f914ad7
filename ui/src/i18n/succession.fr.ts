/** Les mots pour la copie sur un autre ordinateur, et pour le changement d’ordinateur du bureau. */

export const succession = {
  title: 'Si cet ordinateur tombe en panne',
  help: 'Un autre ordinateur du bureau peut garder chaque jour une copie chiffrée de tout. Si celui qui fait tourner Rappel disparaît, il prend sa place en deux clics.',
  nobody: 'Aucun ordinateur ne garde de copie.',
  noneCan:
    'Pour cela, installez Rappel sur l’ordinateur d’un administrateur et rejoignez le bureau depuis cet ordinateur.',
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
  move: 'Déplacer le bureau ici',
  moveTitle: (computer: string) => `Déplacer le bureau vers ${computer} ?`,
  moveHelp:
    'Personnes, événements et historique y sont transférés, rien ne se perd. Pendant quelques secondes, rien ne peut être enregistré. Ensuite, cet ordinateur devient un poste comme les autres ; dans les navigateurs, l’adresse change.',
  moveConfirm: 'Déplacer',
  moving: (computer: string) => `Le bureau part vers ${computer}…`,
  moved: 'Le bureau a changé d’ordinateur.',
  notMoved: 'Le bureau n’a pas bougé : l’autre ordinateur ne l’a pas pris.',
  giveUp: 'Annuler',
  takeOver: 'L’ordinateur du bureau a disparu : faire de celui-ci le bureau',
  takeOverTitle: 'Faire de cet ordinateur celui du bureau ?',
  takeOverHelp: (when: string) =>
    `Tout reprend à partir de la copie de ${when} ; ce qui a été écrit depuis est perdu. À faire seulement si l’autre ordinateur ne revient pas : s’il revient, il s’efface devant celui-ci.`,
  takeOverConfirm: 'Faire de celui-ci le bureau',
  tookOver: 'Cet ordinateur fait maintenant tourner le bureau.',
  copyHere: (when: string) => `Cet ordinateur garde une copie du bureau, de ${when}.`,
};

export type SuccessionWords = typeof succession;
