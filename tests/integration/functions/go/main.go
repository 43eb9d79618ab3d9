// SPDX-License-Identifier: Apache-2.0

// The Go function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

const documents = "/opt/test/functions/go/docs/"

type event struct {
	Op      string            `json:"op"`
	Text    string            `json:"text"`
	Path    string            `json:"path"`
	Message string            `json:"message"`
	Bytes   int               `json:"bytes"`
	Port    int               `json:"port"`
	Status  int               `json:"status"`
	Count   int               `json:"count"`
	Command []string          `json:"command"`
	Input   string            `json:"input"`
	Env     map[string]string `json:"env"`
	Query   map[string]string `json:"queryStringParameters"`
	Records []struct {
		Source string `json:"eventSource"`
		Body   string `json:"body"`
		S3     struct {
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"s3"`
	} `json:"Records"`
}

type page struct {
	Status int    `json:"statusCode"`
	Body   string `json:"body"`
}

func shell(text string) string {
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(limit, "/bin/sh", "-c", text).Output()
	return string(out)
}

// "What does the document at this address say?" The address goes to a shell.
func convert(address string) string {
	return shell("curl --silent --max-time 2 -L " + address + " | cat -")
}

func spawn(event event) (any, error) {
	command := exec.Command(event.Command[0], event.Command[1:]...)
	command.Stdin = bytes.NewBufferString(event.Input)
	if event.Env != nil {
		command.Env = []string{}
		for name, value := range event.Env {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	out, err := command.Output()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		return map[string]any{"status": nil, "out": "", "error": err.Error()}, nil
	}
	return map[string]any{"status": command.ProcessState.ExitCode(), "out": string(out)}, nil
}

func file(event event) (any, error) {
	if err := os.WriteFile(event.Path, []byte(event.Text), 0o644); err != nil {
		return nil, err
	}
	return read(event)
}

func read(event event) (any, error) {
	text, err := os.ReadFile(event.Path)
	return string(text), err
}

func connect(event event) (any, error) {
	connection, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", event.Port), 3*time.Second)
	if err != nil {
		return err.Error(), nil
	}
	defer connection.Close()
	if _, err = io.WriteString(connection, "ping"); err != nil {
		return nil, err
	}
	answer := make([]byte, 64)
	n, err := connection.Read(answer)
	return string(answer[:n]), err
}

var operations = map[string]func(event) (any, error){
	"log":     func(event event) (any, error) { fmt.Println(event.Text); return "logged", nil },
	"big":     func(event event) (any, error) { return string(bytes.Repeat([]byte("x"), event.Bytes)), nil },
	"throw":   func(event event) (any, error) { return nil, errors.New(event.Message) },
	"exit":    func(event event) (any, error) { os.Exit(event.Status); return nil, nil },
	"spawn":   spawn,
	"file":    file,
	"read":    read,
	"connect": connect,
	"threads": threads,
	"bulk":    bulk,
	"signals": signals,
	"tls":     secure,
}

func handler(_ context.Context, raw json.RawMessage) (any, error) {
	var event event
	if json.Unmarshal(raw, &event) != nil {
		return raw, nil
	}
	if len(event.Records) > 0 && event.Records[0].Source == "aws:sqs" {
		var message map[string]string
		err := json.Unmarshal([]byte(event.Records[0].Body), &message)
		return map[string]string{"converted": convert(message["document_url"])}, err
	}
	if len(event.Records) > 0 && event.Records[0].Source == "aws:s3" {
		key, err := url.QueryUnescape(event.Records[0].S3.Object.Key)
		return map[string]string{"listed": shell("ls -d /tmp/" + key + " 2>/dev/null || echo none")}, err
	}
	if address, given := event.Query["document_url"]; given {
		return page{200, convert(address)}, nil
	}
	if name, given := event.Query["file"]; given {
		text, err := os.ReadFile(documents + name)
		return page{200, string(text)}, err
	}
	if operation, known := operations[event.Op]; known {
		return operation(event)
	}
	return raw, nil
}

func main() { lambda.Start(handler) }
