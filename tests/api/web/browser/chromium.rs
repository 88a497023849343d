//! A client of the Chrome DevTools Protocol: starts Chromium without a window, and drives one tab.
//! Source: <https://chromedevtools.github.io/devtools-protocol/>.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longest time in which the browser starts, or answers.
const CALL_TIMEOUT: Duration = Duration::from_mins(5);
/// Collects violations of the content security policy in each document.
const REPORTS: &str = "globalThis.reports = []; addEventListener('securitypolicyviolation', \
    ({ violatedDirective, blockedURI }) => reports.push(`${violatedDirective} ${blockedURI}`));";

/// A running browser with an empty profile. It ends with this value.
pub struct Chromium {
    process: Child,
    address: String,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser; `None` if it is not installed.
    pub async fn start() -> Option<Self> {
        let program = [
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        ];
        let program = program.into_iter().find(|path| Path::new(path).exists())?;
        let profile = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args([
                "--headless",
                "--remote-debugging-port=0",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                "--disable-component-update",
                "--disable-default-apps",
                "--disable-extensions",
                "--disable-sync",
                "--hide-scrollbars",
                "--lang=en",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let file = profile.path().join("DevToolsActivePort");
        let read = async {
            loop {
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                if let Some((port, path)) = text.split_once('\n') {
                    return format!("ws://127.0.0.1:{port}{}", path.trim());
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let address = timeout(CALL_TIMEOUT, read).await.unwrap();
        Some(Self {
            process,
            address,
            _profile: profile,
        })
    }

    /// Opens a tab in a window of its own, so that none is in the background.
    pub async fn tab(&self) -> Tab {
        self.open_tab(None).await
    }

    /// Opens a tab with cookies of its own, as a browser of another person.
    pub async fn tab_apart(&self) -> Tab {
        let mut tab = self.connected().await;
        let context = tab.call("Target.createBrowserContext", json!({})).await;
        self.open_tab(Some(&context["browserContextId"])).await
    }

    async fn connected(&self) -> Tab {
        let (socket, _) = connect_async(&self.address).await.unwrap();
        Tab {
            socket,
            session: None,
            last: 0,
            events: Vec::new(),
        }
    }

    async fn open_tab(&self, context: Option<&Value>) -> Tab {
        let mut tab = self.connected().await;
        let mut target = json!({ "url": "about:blank", "newWindow": true });
        if let Some(context) = context {
            target["browserContextId"] = context.clone();
        }
        let target = tab.call("Target.createTarget", target).await;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = tab.call("Target.attachToTarget", target).await;
        tab.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            tab.call(&format!("{domain}.enable"), json!({})).await;
        }
        let reports = json!({ "source": REPORTS });
        tab.call("Page.addScriptToEvaluateOnNewDocument", reports)
            .await;
        tab
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A tab of the browser.
pub struct Tab {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    last: u64,
    events: Vec<Value>,
}

impl Tab {
    /// Sends a command. Returns its result.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let mut command = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.socket
            .send(Message::text(command.to_string()))
            .await
            .unwrap();
        loop {
            let message = self.message().await;
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    async fn message(&mut self) -> Value {
        loop {
            let message = timeout(CALL_TIMEOUT, self.socket.next())
                .await
                .unwrap()
                .unwrap()
                .unwrap();
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Waits for an event after those that were taken.
    pub async fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let message = self.message().await;
            self.events.push(message);
        }
        self.events.retain(|event| event["method"] != method);
    }

    /// The parameters of the events with a name, which are forgotten then.
    pub fn take(&mut self, method: &str) -> Vec<Value> {
        let (taken, kept) = self
            .events
            .drain(..)
            .partition(|event| event["method"] == method);
        self.events = kept;
        let taken: Vec<Value> = taken;
        taken
            .into_iter()
            .map(|event| event["params"].clone())
            .collect()
    }

    /// Opens an address, and waits until everything is loaded.
    pub async fn open(&mut self, address: &str) {
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        self.call("Page.navigate", json!({ "url": address })).await;
        self.wait_for("Page.loadEventFired").await;
    }

    /// The value of a JavaScript expression; of a promise, its result.
    pub async fn value(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", params).await;
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression:.200}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// The value of a JavaScript function, which follows comments, with an argument.
    pub async fn apply(&mut self, function: &str, argument: &Value) -> Value {
        let code = function.trim_end().trim_end_matches(';');
        let begin = code.lines().take_while(|line| line.starts_with("//"));
        let begin: usize = begin.map(|line| line.len() + 1).sum();
        self.value(&format!("({})({argument})", &code[begin..]))
            .await
    }

    /// Sets the size of the window in CSS pixels.
    pub async fn set_width(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Sets the colours that the reader prefers: `light` or `dark`.
    pub async fn set_theme(&mut self, theme: &str) {
        self.set_media("", &[("prefers-color-scheme", theme)]).await;
    }

    /// Sets the medium, which is `screen` if it is blank, and its features.
    pub async fn set_media(&mut self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let media = json!({ "media": medium, "features": features });
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// Switches the scripts of pages on or off. Expressions of tests run all the same.
    pub async fn set_scripts(&mut self, are_on: bool) {
        let value = json!({ "value": !are_on });
        self.call("Emulation.setScriptExecutionDisabled", value)
            .await;
    }

    /// Presses a key: `Tab`, `Shift+Tab`, `Enter`, `Space` or `ArrowDown`.
    pub async fn press(&mut self, key: &str) {
        let (key, modifiers) = match key.strip_prefix("Shift+") {
            Some(key) => (key, 8),
            None => (key, 0),
        };
        let (code, text) = match key {
            "Tab" => (9, None),
            "Enter" => (13, Some("\r")),
            "Space" => (32, Some(" ")),
            "ArrowDown" => (40, None),
            _ => panic!("{key}"),
        };
        let name = text.filter(|text| *text == " ").unwrap_or(key);
        let mut event = json!({ "type": "keyDown", "key": name, "code": key, "windowsVirtualKeyCode": code,
            "modifiers": modifiers });
        if let Some(text) = text {
            event["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", event).await;
    }

    /// Types a text into the field with the focus.
    pub async fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses a key, and waits for the page to which it leads.
    pub async fn press_and_follow(&mut self, key: &str) {
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        self.press(key).await;
        self.wait_for("Page.loadEventFired").await;
    }

    /// Clicks the first element that matches a selector, and waits for the page to which it leads.
    pub async fn follow(&mut self, selector: &str) {
        let found = format!(
            "(() => {{ const found = document.querySelector({selector:?}); found.scrollIntoView({{ block: 'center' }}); \
             const {{ left, top, width, height }} = found.getClientRects()[0]; \
             return [left + width / 2, top + height / 2]; }})()"
        );
        let place = self.value(&found).await;
        self.events
            .retain(|event| event["method"] != "Page.loadEventFired");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
        self.wait_for("Page.loadEventFired").await;
    }

    /// Replaces the text of a field by typing.
    pub async fn fill(&mut self, selector: &str, text: &str) {
        self.value(&format!("(() => {{ const field = document.querySelector({selector:?}); field.focus(); field.select(); }})()"))
            .await;
        self.type_text(text).await;
    }

    /// The text of the page.
    pub async fn text(&mut self) -> String {
        let text = self.value("document.querySelector('main').innerText").await;
        text.as_str().unwrap().to_owned()
    }

    /// A picture of the window, as WebP in Base64.
    pub async fn picture(&mut self) -> String {
        let form = json!({ "format": "webp", "quality": 60 });
        let picture = self.call("Page.captureScreenshot", form).await;
        picture["data"].as_str().unwrap().to_owned()
    }
}
