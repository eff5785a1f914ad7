/** English words for the copy on another computer, and for moving the office to one. */

import type { SuccessionWords } from './succession.fr';

export const succession: SuccessionWords = {
  title: 'If the main computer breaks down',
  help: 'Another computer of the office can keep an encrypted copy of everything, made every day. If the main computer is gone, it takes its place in two clicks.',
  nobody: 'No computer keeps a copy.',
  noneCan: 'For that, install Rappel on the computer of somebody who looks after Rappel, and join this office there.',
  keeps: (computer, person) => `${computer} (${person}) keeps the copy.`,
  keptAt: (when) => `Last copy: ${when}`,
  keptNever: 'The first copy has not been made yet.',
  keptOld: 'It is more than two days old: is that computer switched on?',
  keep: 'Keep the copy there',
  stop: 'Keep no copy there',
  stopTitle: (computer) => `Keep no more copies on ${computer}?`,
  stopHelp: 'The copies made so far stay there, but nothing is added to them.',
  away: 'off or away',
  online: 'connected',
  moveHeading: 'Move the office to another computer',
  moveAbout:
    'Is another computer on for longer, or is this one to be replaced? Everything can move there, and nothing is lost. The other computer has to be on, with Rappel open.',
  moveFromThere: 'This is done on the main computer, in its settings.',
  move: 'Move the office there',
  moveTitle: (computer) => `Move the office to ${computer}?`,
  moveHelp:
    'People, events and history move there, and nothing is lost. For a few seconds nothing can be saved. Then this computer is one like the others; in browsers the address changes.',
  moveConfirm: 'Move',
  moving: (computer) => `The office is moving to ${computer}…`,
  notMoved: 'The office has not moved: the other computer did not take it.',
  giveUp: 'Cancel',
  takeOver: 'Is the main computer gone for good? Make this one the main computer',
  takingOver: 'This computer is becoming the main computer…',
  takeOverTitle: 'Make this computer the main computer?',
  takeOverHelp: (when) =>
    `Everything goes on from the copy of ${when}. Events, people and devices that were added or changed since then are lost. Do it only if the main computer will not come back; if it does, it gives way to this one. In browsers the address changes: tell your colleagues the new one.`,
  takeOverConfirm: 'Make this one the main computer',
  tookOver: 'This computer is the main computer now.',
  copyHere: (when) => `This computer keeps a copy of the office, of ${when}.`,
  movedTitle: 'This office is now on another computer.',
  movedTitleTo: (computer) => `This office is now on ${computer}.`,
  movedHelp:
    'It took over while this computer was away, and this one no longer keeps the agenda or reminds anybody. Join the office there: whoever looks after Rappel gives you a code.',
  movedAt: 'It was found at',
  movedJoin: 'Join it',
  movedFollows: 'This computer is moving along. It takes a few seconds.',
  movedPage: 'Open it at its new address:',
  movedPageHelp:
    'If it does not know you there, say who you are: whoever looks after Rappel lets you in.',

  refused: {
    hub_answers:
      'The main computer answers: nothing has changed. The office is moved in its settings.',
    no_copy: 'This computer has no copy of the office. Nothing has changed.',
    copy_newer:
      'The copy is of a newer version of Rappel: update Rappel on this computer. Nothing has changed.',
    copy_damaged: 'The copy that is kept here is damaged. Nothing has changed.',
    copy_unwritten:
      'The copy could not be put in place on this computer: is there enough space on its disk? Nothing has changed.',
    data_in_use: 'Another Rappel on this computer is using its data. Close it, then try again.',
    office_of_its_own:
      'This computer has an office of its own already: it cannot take the place of another one.',
    not_joined: 'This computer is a member of no office.',
    hub_moving: 'The office is moving to another computer: try again in a few seconds.',
    heir_away: 'That computer is not connected at present: switch it on and open Rappel there.',
    handover_under_way: 'The office is already moving to another computer.',
    no_heir:
      'It takes a computer of somebody who looks after Rappel, with Rappel installed and joined to this office.',
  },
};
