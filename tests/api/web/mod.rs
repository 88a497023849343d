//! Pages for people, as browsers and readers get them: over HTTP, and in Chromium where it is installed.

mod addresses;
mod browser;
mod console;
mod documents;
mod forms;
mod hostile;
mod html;
mod live;
mod pages;
mod paths;
mod queue;
mod readers;
