// SPDX-License-Identifier: Apache-2.0

//! The Rust function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.

mod load;

use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use serde_json::{json, Value};
use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

const DOCUMENTS: &str = "/opt/test/functions/rust/docs/";

fn shell(text: &str) -> Result<String, Error> {
    let done = Command::new("/bin/sh").args(["-c", text]).stdin(Stdio::null()).output()?;
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// "What does the document at this address say?" The address goes to a shell.
fn convert(address: &str) -> Result<String, Error> {
    shell(&format!("curl --silent --max-time 2 -L {address} | cat -"))
}

fn text<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or("")
}

fn spawn(event: &Value) -> Result<Value, Error> {
    let words: Vec<String> = serde_json::from_value(event["command"].clone())?;
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
    if event["env"].is_object() {
        command.env_clear().envs(serde_json::from_value::<HashMap<String, String>>(event["env"].clone())?);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(json!({"status": null, "out": "", "error": error.to_string()})),
    };
    // A child that does not read its input may be gone by now.
    let _ = child.stdin.take().map(|mut input| input.write_all(text(event, "input").as_bytes()));
    let done = child.wait_with_output()?;
    Ok(json!({"status": done.status.code(), "out": String::from_utf8_lossy(&done.stdout)}))
}

fn connect(event: &Value) -> Result<Value, Error> {
    let address = SocketAddr::from(([127, 0, 0, 1], event["port"].as_u64().unwrap_or(1) as u16));
    match TcpStream::connect_timeout(&address, Duration::from_secs(3)) {
        Ok(mut stream) => {
            let mut answer = [0; 64];
            stream.write_all(b"ping")?;
            let n = stream.read(&mut answer)?;
            Ok(String::from_utf8_lossy(&answer[..n]).into())
        }
        Err(error) => Ok(error.to_string().into()),
    }
}

/// What a percent-encoded key stands for.
fn unquoted(key: &str) -> String {
    let (bytes, mut out, mut i) = (key.as_bytes(), Vec::new(), 0);
    while i < bytes.len() {
        let code = key.get(i + 1..i + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[i], code) {
            (b'%', Some(code)) => {
                out.push(code);
                i += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn operation(event: Value) -> Result<Value, Error> {
    match text(&event, "op") {
        "big" => Ok("x".repeat(event["bytes"].as_u64().unwrap_or(0) as usize).into()),
        "throw" => Err(text(&event, "message").to_owned().into()),
        "log" => {
            println!("{}", text(&event, "text"));
            Ok("logged".into())
        }
        "file" => {
            fs::write(text(&event, "path"), text(&event, "text"))?;
            Ok(fs::read_to_string(text(&event, "path"))?.into())
        }
        "read" => Ok(fs::read_to_string(text(&event, "path"))?.into()),
        "spawn" => spawn(&event),
        "connect" => connect(&event),
        "threads" => load::threads(event["count"].as_u64().unwrap_or(0)),
        "bulk" => load::bulk(event["bytes"].as_u64().unwrap_or(0)),
        "signals" => load::signals(event["count"].as_u64().unwrap_or(0)),
        _ => Ok(event),
    }
}

async fn handler(request: LambdaEvent<Value>) -> Result<Value, Error> {
    let event = request.payload;
    let record = &event["Records"][0];
    let query = &event["queryStringParameters"];
    if record["eventSource"] == "aws:sqs" {
        let message: Value = serde_json::from_str(text(record, "body"))?;
        return Ok(json!({"converted": convert(text(&message, "document_url"))?}));
    }
    if record["eventSource"] == "aws:s3" {
        let key = unquoted(text(&record["s3"]["object"], "key"));
        return Ok(json!({"listed": shell(&format!("ls -d /tmp/{key} 2>/dev/null || echo none"))?}));
    }
    if let Some(address) = query["document_url"].as_str() {
        return Ok(json!({"statusCode": 200, "body": convert(address)?}));
    }
    if let Some(name) = query["file"].as_str() {
        return Ok(json!({"statusCode": 200, "body": fs::read_to_string(format!("{DOCUMENTS}{name}"))?}));
    }
    operation(event)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handler)).await
}
