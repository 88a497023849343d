//! Pages on a machine without a network: they look the same.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use serde_json::json;

use super::{browser, open};
use crate::clients::is_possible;
use crate::effect::Time;
use crate::harness::Api;

/// The pages whose pictures are compared.
const COMPARED: [&str; 6] = [
    "/",
    "/treaties/ETS-185",
    "/countries/AZ",
    "/countries/AZ/history",
    "/compare?country=AZ&country=GE&country=MD",
    "/contribute?country=AZ",
];
/// The database from which pictures are made, and the file into which they are written.
const DATABASE: &str = "CYBERPROFILES_TEST_PICTURES_OF";
const FILE: &str = "CYBERPROFILES_TEST_PICTURES";
/// Counts the pixels that differ between two pictures.
const DIFFERENCE: &str = include_str!("offline.js");
/// Turns on the interface `lo`, which a new network has switched off, and executes a command.
const LOOPBACK: &str = "import fcntl, os, socket, struct, sys\n\
    fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 1))\n\
    os.execv(sys.argv[1], sys.argv[1:])";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "another test runs it, once in a network of its own"]
async fn pictures() {
    let browser = browser().await.unwrap();
    let time = Time::at("2030-01-10T08:00:00Z");
    let api = Api::builder().database(env::var(DATABASE).unwrap());
    let api = api.clock(time.clock()).start().await;
    let mut tab = browser.tab().await;
    tab.set_width(1280, 2000).await;
    let mut pictures = Vec::new();
    for path in COMPARED {
        open(&mut tab, &api, path).await;
        let form = json!({ "format": "png" });
        let picture = tab.call("Page.captureScreenshot", form).await;
        pictures.push(picture["data"].as_str().unwrap().to_owned());
    }
    fs::write(env::var(FILE).unwrap(), pictures.join("\n")).unwrap();
}

/// Starts the test of pictures by a program that executes the rest of its arguments.
fn pictures_by(words: &[&str], url: &str, file: &Path) -> Child {
    let test = env::current_exe().unwrap();
    let (program, words) = words.split_first().unwrap();
    let name = "web::browser::offline::pictures";
    let mut command = Command::new(program);
    command.args(words).arg(test);
    command.args([name, "--exact", "--ignored"]);
    command.env(DATABASE, url).env(FILE, file);
    let command = command.stdout(Stdio::null());
    command.spawn().unwrap()
}

/// The words that execute a command in a network of its own; `None` if this user may not make one.
fn isolated() -> Option<Vec<&'static str>> {
    let ways: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];
    let way = ways.into_iter().find(|way| {
        let tried = Command::new("unshare").args(*way).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    });
    let python = ["python3", "-c", LOOPBACK];
    Some([&["unshare"], way?, &python].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_look_the_same_without_a_network() {
    if !is_possible("python3", &["--version"]) {
        return;
    }
    let Some(browser) = browser().await else {
        return;
    };
    let Some(isolated) = isolated() else {
        // Written to standard error directly, because the test harness captures printed text.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: this user may not make a network of its own"
        );
        return;
    };
    let api = Api::seeded().await;
    let folder = tempfile::tempdir().unwrap();
    let (with, without) = (folder.path().join("with"), folder.path().join("without"));
    let running = [
        pictures_by(&["env"], &api.url, &with),
        pictures_by(&isolated, &api.url, &without),
    ];
    for mut one in running {
        assert!(one.wait().unwrap().success());
    }
    let (with, without) = (fs::read_to_string(with), fs::read_to_string(without));
    let (with, without) = (with.unwrap(), without.unwrap());
    assert_eq!(with.lines().count(), COMPARED.len());
    let mut tab = browser.tab().await;
    for ((one, other), path) in with.lines().zip(without.lines()).zip(COMPARED) {
        let differing = tab.apply(DIFFERENCE, &json!([one, other])).await;
        assert_eq!(differing, 0, "pixels of {path} without a network");
    }
}
