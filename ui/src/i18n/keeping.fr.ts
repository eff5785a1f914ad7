/** French words for what is kept: copies of all data, and who did what. */

const counted = (count: number, one: string, many: string): string =>
  `${count} ${count < 2 ? one : many}`;

/** « de Bob », « d’Ann ». */
const de = (name: string): string => (/^[aeiouyhàâéèêëîïôœû]/i.test(name) ? `d’${name}` : `de ${name}`);

export const keeping = {
  title: 'Sauvegardes',
  intro: 'Rappel copie tout une fois par jour, vers 12\u00a0h\u00a030, et garde les sept derniers jours.',
  none: 'Pas encore de sauvegarde\u00a0: la première se fera d’elle-même dans la journée.',
  last: (moment: string) => `Dernière sauvegarde\u00a0: ${moment}.`,
  late: 'Depuis plusieurs jours, des changements ne sont dans aucune sauvegarde. Faites-en une maintenant.',
  failed: {
    disk_full: (moment: string) =>
      `La sauvegarde a échoué (${moment})\u00a0: il n’y a pas assez de place sur le disque de l’ordinateur principal.`,
    storage: (moment: string) =>
      `La sauvegarde a échoué (${moment})\u00a0: le disque de l’ordinateur principal ne fonctionne pas.`,
    other: (moment: string) =>
      `La sauvegarde a échoué (${moment}). Le journal technique de l’ordinateur principal dit pourquoi.`,
  },
  look: 'Voir les sauvegardes',
  make: 'Sauvegarder maintenant',
  making: 'Sauvegarde en cours…',
  made: 'Sauvegarde faite.',
  bring: 'Apporter un fichier',
  bringing: (percent: number) => `Envoi du fichier… ${percent}\u00a0%`,
  checking: 'Vérification du fichier…',
  brought: 'Le fichier est bon\u00a0: il est dans la liste, prêt à être restauré.',
  download: 'Télécharger',
  downloadOf: (what: string) => `Télécharger\u00a0: ${what}`,
  restore: 'Restaurer',
  restoreOf: (what: string) => `Restaurer\u00a0: ${what}`,
  kinds: {
    daily: 'Du jour',
    manual: 'À la demande',
    before_restore: 'Avant une restauration',
    before_migration: 'Avant une mise à jour',
    uploaded: 'Fichier apporté',
  },
  folder: 'Sur cet ordinateur, dans le dossier',
  careful: 'Une sauvegarde contient tout, même ce qui est privé\u00a0: gardez-la en lieu sûr.',
  more: 'Voir toutes les sauvegardes',
  sureTitle: (moment: string) => `Revenir à la sauvegarde\u00a0: ${moment}\u00a0?`,
  dataUpTo: (moment: string) => `Son contenu va jusqu’à\u00a0: ${moment}.`,
  lostNothing: 'Rien n’a changé depuis.',
  lostUnknown: 'Tout ce qui a été fait depuis sera perdu.',
  lost: (events: number, changed: number, people: number) =>
    `Sera perdu\u00a0: ${[
      events > 0 ? counted(events, 'événement créé depuis', 'événements créés depuis') : '',
      changed > 0 ? counted(changed, 'événement modifié depuis', 'événements modifiés depuis') : '',
      people > 0 ? counted(people, 'personne ajoutée depuis', 'personnes ajoutées depuis') : '',
    ]
      .filter((part) => part !== '')
      .join(', ')}.`,
  lostDevices: (devices: number) =>
    devices < 2
      ? 'Un appareil connecté depuis devra être invité de nouveau.'
      : `${devices} appareils connectés depuis devront être invités de nouveau.`,
  keptBefore: 'L’état actuel est d’abord gardé dans la liste\u00a0: vous pourrez y revenir.',
  sure: 'Restaurer',
  restoring: 'Restauration en cours…',
  restored: 'C’est restauré. L’état d’avant est dans la liste.',
  refused: {
    copy_foreign: 'Ce fichier n’est pas une sauvegarde de Rappel. Rien n’a changé.',
    copy_newer:
      'Cette sauvegarde vient d’une version plus récente de Rappel\u00a0: mettez d’abord à jour l’ordinateur principal. Rien n’a changé.',
    copy_damaged: 'Cette sauvegarde est abîmée. Rien n’a changé.',
    copy_without_admin:
      'Cette sauvegarde ne contient personne qui administre Rappel. Rien n’a changé.',
    copy_too_large: 'Ce fichier dépasse 1\u00a0Go\u00a0: ce n’est pas une sauvegarde de Rappel.',
    no_room_for_copy: 'Il n’y a pas assez de place sur le disque de l’ordinateur principal.',
    copy_failed: 'L’ordinateur principal ne peut ni lire ni écrire ses sauvegardes.',
  },

  log: 'Qui a fait quoi',
  logHelp: 'Les deux dernières années, les plus récentes d’abord.',
  logOf: 'De qui',
  everybody: 'Tout le monde',
  logAbout: 'Sur quoi',
  topics: {
    all: 'Tout',
    events: 'Événements',
    people: 'Équipe',
    devices: 'Appareils',
    hub: 'Réglages et sauvegardes',
  },
  logEmpty: 'Rien à montrer ici.',
  older: 'Voir plus ancien',
  on: (device: string) => `sur ${device}`,
  hub: 'L’ordinateur principal',
  titled: (title: string) => `«\u00a0${title}\u00a0»`,
  untitled: 'un événement sans titre',
  privateEvent: 'un événement privé',
  goneEvent: 'un événement qui n’existe plus',
  someone: 'une personne',
  someDevice: 'un appareil',
  of: de,
  fields: {
    title: 'titre',
    schedule: 'horaire',
    location: 'lieu',
    comment: 'commentaire',
    contact: 'contact',
    reminders: 'rappels',
    reminder_days: 'rappels',
    status: 'état',
    visibility: 'visibilité',
    name: 'nom',
    email: 'e-mail',
    locale: 'langue',
    time_zone: 'fuseau horaire',
    quiet_hours: 'heures calmes',
  } as Record<string, string>,
  changed: (fields: string) => `change\u00a0: ${fields}`,
  added: (names: string) => `ajoute ${names}`,
  removed: (names: string) => `retire ${names}`,
  did: {
    eventCreate: (who: string, what: string) => `${who} a créé ${what}`,
    eventFor: (names: string) => `pour ${names}`,
    eventUpdate: (who: string, what: string) => `${who} a modifié ${what}`,
    eventDelete: (who: string, what: string) => `${who} a supprimé ${what}`,
    eventRestore: (who: string, what: string) => `${who} a rétabli ${what}`,
    eventRederive: (what: string) =>
      `L’horaire de ${what} suit les nouvelles règles de son fuseau horaire`,
    personCreate: (who: string, name: string) => `${who} a ajouté ${name} à l’équipe`,
    personLeft: (who: string, name: string) => `${who} a retiré ${name} de l’équipe`,
    personBack: (who: string, name: string) => `${who} a fait revenir ${name}`,
    madeAdmin: (who: string, name: string) => `${who} a confié l’administration à ${name}`,
    madeMember: (who: string, name: string) => `${who} a retiré l’administration à ${name}`,
    ownPreferences: (who: string) => `${who} a changé ses préférences`,
    personUpdate: (who: string, name: string) => `${who} a modifié la fiche ${de(name)}`,
    devicePair: (who: string, device: string) => `${who} a connecté ${device}`,
    deviceCreate: (who: string, device: string) => `${who} a créé l’accès ${device}`,
    deviceRename: (who: string, device: string) => `${who} a renommé ${device}`,
    deviceRevoke: (who: string, device: string) => `${who} a retiré ${device}`,
    deviceMove: (who: string, device: string) =>
      `${who} est passé à l’adresse sécurisée avec ${device}`,
    secureOffice: (who: string) => `${who} a réglé le bureau sécurisé`,
    authority: (who: string) => `${who} a créé l’autorité du bureau sécurisé`,
    invite: (who: string, name: string) => `${who} a invité ${name}`,
    inviteAll: (who: string) => `${who} a créé un lien d’invitation pour tous`,
    revokeInvitations: (who: string) => `${who} a annulé les liens d’invitation pour tous`,
    accept: (who: string, name: string) => `${who} a laissé entrer ${name}`,
    office: (who: string) => `${who} a changé les réglages du bureau`,
    copy: (who: string) => `${who} a fait une sauvegarde`,
    download: (who: string, copy: string) => `${who} a téléchargé la sauvegarde ${copy}`,
    bring: (who: string) => `${who} a apporté un fichier de sauvegarde`,
    restore: (who: string, copy: string) => `${who} a restauré une sauvegarde ${copy}`,
    keeperChoose: (who: string, device: string) =>
      `${who} a chargé ${device} de garder une copie du bureau`,
    keeperDismiss: (who: string) => `${who} a mis fin à la copie sur un autre ordinateur`,
    copyGive: (device: string) => `${device} a reçu une copie du bureau`,
    takeOver: (device: string) => `${device} est devenu l’ordinateur principal, à partir de sa copie`,
    handOver: (device: string) => `Le bureau est passé à ${device}`,
    other: (who: string) => `${who} a changé quelque chose`,
  },
  copyOf: (moment: string) => `(${moment})`,
};
