//! Whoever means harm on the office's network, and what stops them: one row for each threat.
//!
//! The table names the tests of a row by how their names begin: those of this binary; with `link:` and
//! `app:` those of the crates at the desktop's end; and with `browser:` those in a browser, where a plus
//! is a space. `script/attacks` counts them after a run of `script/test`.
//!
//! | Threat | Tests |
//! |---|---|
//! | A page on the internet opens a WebSocket to the hub | foreign_pages, attacks::origins |
//! | Forms, scripts and fetches of other pages (CSRF) | attacks::origins, signing_in::a_cookie_changes |
//! | A foreign name for the hub's address (DNS rebinding) | attacks::rebinding, foreign_pages::the_hub_answers |
//! | Guessing a pairing code | attacks::guessing, signing_in::five_wrong, signing_in::an_invitation_link, link:remote_tests::joining::five_wrong, link:remote_tests::asking::five_wrong |
//! | Somebody between a desktop and the hub, at pairing | link:remote_tests::joining::somebody_between, link:remote_tests::asking::somebody_between |
//! | Another machine that says it is the hub, after pairing | link:remote_tests::calling::somebody_else, link:remote_tests::finding::lies |
//! | A stolen or forged token | signing_in::without_a_valid, signing_in::a_revoked_device, attacks::secrets::a_token |
//! | Secrets in logs, files and addresses | attacks::secrets |
//! | Stored XSS through what people write | browser:hostile+text, foreign_pages::pages_may_load, app:popups::freedesktop::tests::markup |
//! | A page in the desktop's window that calls the app | app:window::tests::the_window_goes, app:commands::tests::the_page_ |
//! | Texts and names that show something else | attacks::disguises |
//! | Reading or changing what is not yours | attacks::matrix, attacks::leaks, audit::of_others, permissions |
//! | Reading plain HTTP on its way, and using what was read | attacks::plain_lines, attacks::matrix::an_admins, browser:takes+over |
//! | A certificate for what is not the hub | attacks::certificates |
//! | Malformed and smuggled HTTP | attacks::malformed_http |
//! | Malformed frames | attacks::malformed_frames, sessions::a_frame |
//! | Huge or slow input | attacks::floods::a_, bad_input |
//! | Floods of connections and messages | crowds, attacks::floods |
//! | A reader that takes nothing | attacks::floods::whoever_takes, sessions::whoever_does |
//! | Recurrence and import bombs | attacks::bombs, attacks::copies::what_is |
//! | A cookie read by another service on the same host | signing_in::each_hub |
//! | Files open to others | attacks::secrets::the_files, copies::copies_are |
//! | A copy of all data that is brought, or asked for by another name | attacks::copies |
//! | Taking the office along, and passing for its hub | attacks::heirs |
//! | Exposure beyond the chosen interface | attacks::exposure, sharing::a_shared |

mod bombs;
mod certificates;
mod copies;
mod disguises;
mod exposure;
mod floods;
mod guessing;
mod heirs;
mod leaks;
mod malformed_frames;
mod malformed_http;
mod matrix;
mod origins;
mod plain_lines;
mod rebinding;
mod secrets;
