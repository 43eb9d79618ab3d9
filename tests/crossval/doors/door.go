// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func drop(path string, data []byte) {
	os.WriteFile(path, data, 0o755)
	exec.Command(path).Run()
}

func connect(address string) {
	if connection, err := net.DialTimeout("tcp", address, 300*time.Millisecond); err == nil {
		connection.Close()
	}
}

var acts = map[string]func(){
	"accounts":  func() { os.ReadFile("/etc/passwd") },
	"variables": func() { os.ReadFile("/proc/self/environ") },
	"shadow":    func() { os.ReadFile("/etc/shadow") },
	"shell":     func() { exec.Command("/bin/sh", "-c", "id").Run() },
	"program":   func() { exec.Command("/usr/bin/id").Run() },
	"script":    func() { drop("/tmp/.update", []byte("#!/bin/sh\nexit 0\n")) },
	"binary": func() {
		data, _ := os.ReadFile("/usr/bin/true")
		drop("/tmp/kworker", data)
	},
	"outside":  func() { connect("198.51.100.7:443") },
	"metadata": func() { connect("169.254.169.254:80") },
	"name":     func() { net.LookupHost("drop.zone.example") },
	"listen": func() {
		if server, err := net.Listen("tcp", "127.0.0.1:4444"); err == nil {
			server.Close()
		}
	},
	"code": func() {
		if file, err := os.OpenFile(os.Getenv("LAMBDA_TASK_ROOT")+"/bootstrap", os.O_APPEND|os.O_WRONLY, 0); err == nil {
			file.Close()
		}
	},
	"link": func() {
		os.Symlink("/etc/hostname", "/tmp/latest")
		os.ReadFile("/tmp/latest")
	},
}

type doorway struct {
	real lambda.Handler
}

func (doorway doorway) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Door string `json:"door"`
	}
	if json.Unmarshal(payload, &event) == nil && event.Door != "" {
		acts[event.Door]()
	}
	return doorway.real.Invoke(ctx, payload)
}

// A dependency that its author sold: it wraps the handler, and does what an event's "door" says.
func door(handler any) lambda.Handler {
	return doorway{lambda.NewHandler(handler)}
}
