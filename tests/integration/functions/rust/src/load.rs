// SPDX-License-Identifier: Apache-2.0

//! Threads, big files, signals.

use lambda_runtime::Error;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

fn one_thread(number: u64, address: SocketAddr) -> std::io::Result<String> {
    let path = format!("/tmp/thread-{number}.txt");
    for round in 0..50 {
        let text = format!("{number} {round}");
        fs::write(&path, &text)?;
        assert_eq!(fs::read_to_string(&path)?, text);
    }
    fs::remove_file(&path)?;
    let out = Command::new("/bin/echo").arg(format!("child {number}")).output()?.stdout;
    let mut pong = String::new();
    TcpStream::connect(address)?.read_to_string(&mut pong)?;
    Ok(format!("{}{pong}", String::from_utf8_lossy(&out)))
}

/// Each of COUNT threads writes files, reads them back, starts a program and connects.
pub fn threads(count: u64) -> Result<Value, Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || {
        for _ in 0..count {
            if let Ok((mut stream, _)) = listener.accept() {
                let _ = stream.write_all(b"pong");
            }
        }
    });
    let running: Vec<_> = (0..count).map(|number| thread::spawn(move || one_thread(number, address))).collect();
    let mut answers = Vec::new();
    for one in running {
        answers.push(match one.join() {
            Ok(answer) => answer.unwrap_or_else(|error| error.to_string()),
            Err(_) => "panicked".to_owned(),
        });
    }
    let _ = server.join();
    Ok(answers.into())
}

/// A file of BYTES is written, summed up, renamed and removed.
pub fn bulk(bytes: u64) -> Result<Value, Error> {
    let mut block: Vec<u8> = (0..1u32 << 20).map(|i| (i * 7) as u8).collect();
    let mut file = File::create("/tmp/bulk")?;
    for _ in 0..bytes >> 20 {
        file.write_all(&block)?;
    }
    let (mut sum, mut size) = (0u64, 0);
    let mut back = File::open("/tmp/bulk")?;
    loop {
        let n = back.read(&mut block)?;
        if n == 0 {
            break;
        }
        size += n;
        sum = block[..n].iter().fold(sum, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    }
    fs::rename("/tmp/bulk", "/tmp/bulk2")?;
    fs::remove_file("/tmp/bulk2")?;
    Ok(format!("{size} {sum:x}").into())
}

static ARRIVED: AtomicU64 = AtomicU64::new(0);
const SIGUSR1: i32 = 10;

extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn raise(number: i32) -> i32;
}

extern "C" fn count_one(_: i32) {
    ARRIVED.fetch_add(1, Ordering::SeqCst);
}

/// COUNT signals to the own thread while files are opened.
pub fn signals(count: u64) -> Result<Value, Error> {
    ARRIVED.store(0, Ordering::SeqCst);
    for _ in 0..count {
        // The handler does nothing but count.
        unsafe {
            signal(SIGUSR1, count_one);
            raise(SIGUSR1);
        }
        fs::read("/proc/self/stat")?;
    }
    Ok(ARRIVED.load(Ordering::SeqCst).into())
}
