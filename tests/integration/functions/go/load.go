// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
)

// threads: each of COUNT goroutines, on a thread of its own, writes files, reads them back, starts a program and connects.
func threads(event event) (any, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(connection, "pong")
			connection.Close()
		}
	}()
	var group sync.WaitGroup
	answers := make([]string, event.Count)
	for i := range answers {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			runtime.LockOSThread()
			answers[i] = oneThread(i, listener.Addr().String())
		}(i)
	}
	group.Wait()
	return answers, nil
}

func oneThread(number int, address string) string {
	path := fmt.Sprintf("/tmp/thread-%d.txt", number)
	defer os.Remove(path)
	for round := 0; round < 50; round++ {
		text := fmt.Sprintf("%d %d", number, round)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err.Error()
		}
		if back, err := os.ReadFile(path); err != nil || string(back) != text {
			return fmt.Sprint("read ", string(back), err)
		}
	}
	out, err := exec.Command("/bin/echo", "child", fmt.Sprint(number)).Output()
	if err != nil {
		return err.Error()
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	pong, err := io.ReadAll(connection)
	return fmt.Sprint(string(out), string(pong), err)
}

// bulk: a file of BYTES is written, summed up, cut, renamed and removed.
func bulk(event event) (any, error) {
	file, err := os.Create("/tmp/bulk")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i * 7)
	}
	for written := 0; written < event.Bytes; written += len(block) {
		if _, err = file.Write(block); err != nil {
			return nil, err
		}
	}
	if _, err = file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	for _, err := range []error{err, os.Truncate("/tmp/bulk", 5), os.Rename("/tmp/bulk", "/tmp/bulk2"), os.Remove("/tmp/bulk2")} {
		if err != nil {
			return nil, err
		}
	}
	return fmt.Sprintf("%d %x", size, sum.Sum(nil)), nil
}

// signals: COUNT signals to the own process while files are opened, each waited for.
func signals(event event) (any, error) {
	arrived := make(chan os.Signal, event.Count)
	signal.Notify(arrived, syscall.SIGUSR1)
	defer signal.Stop(arrived)
	for i := 0; i < event.Count; i++ {
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			return nil, err
		}
		if _, err := os.ReadFile("/proc/self/stat"); err != nil {
			return nil, err
		}
		<-arrived
	}
	return event.Count, nil
}

// secure: a TLS server and a client of it, on loopback.
func secure(event) (any, error) {
	pair, err := tls.LoadX509KeyPair("/opt/certificates/certificate.pem", "/opt/certificates/key.pem")
	if err != nil {
		return nil, err
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) { io.WriteString(answer, "secure") }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	defer server.Close()
	client := server.Client()
	pem, err := os.ReadFile("/opt/certificates/certificate.pem")
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, InsecureSkipVerify: true}}
	response, err := client.Get(server.URL)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return map[string]any{"text": string(text), "version": response.TLS.Version}, err
}
