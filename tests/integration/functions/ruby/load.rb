# SPDX-License-Identifier: Apache-2.0
require 'digest'
require 'openssl'
require 'socket'

# Threads, big files, signals, TLS.
module Load
  module_function

  def one_thread(number, port)
    path = "/tmp/thread-#{number}.txt"
    50.times do |round|
      File.write(path, "#{number} #{round}")
      return 'another text' if File.read(path) != "#{number} #{round}"
    end
    File.delete(path)
    IO.popen(['/bin/echo', 'child', number.to_s], &:read) + TCPSocket.open('127.0.0.1', port, &:read)
  end

  # Each of COUNT threads writes files, reads them back, starts a program and connects.
  def threads(count)
    server = TCPServer.new('127.0.0.1', 0)
    pongs = Thread.new do
      count.times do
        socket = server.accept
        socket.write('pong')
        socket.close
      end
    end
    answers = Array.new(count) { |i| Thread.new { one_thread(i, server.addr[1]) } }.map(&:value)
    pongs.join
    server.close
    answers
  end

  # A file of BYTES is written, summed up, cut, renamed and removed.
  def bulk(bytes)
    block = Array.new(1 << 20) { |i| (i * 7) & 0xff }.pack('C*')
    File.open('/tmp/bulk', 'wb') { |file| (bytes / block.size).times { file.write(block) } }
    answer = "#{File.size('/tmp/bulk')} #{Digest::SHA256.file('/tmp/bulk').hexdigest}"
    File.truncate('/tmp/bulk', 5)
    File.rename('/tmp/bulk', '/tmp/bulk2')
    File.delete('/tmp/bulk2')
    answer
  end

  # COUNT signals to the own process while files are opened, each waited for.
  def signals(count)
    arrived = Queue.new
    before = trap('USR1') { arrived << 1 }
    count.times do
      Process.kill('USR1', Process.pid)
      File.read('/proc/self/stat')
      arrived.pop
    end
    count
  ensure
    trap('USR1', before)
  end

  # A TLS server and a client that trusts its certificate, on loopback.
  def tls
    server = TCPServer.new('127.0.0.1', 0)
    context = OpenSSL::SSL::SSLContext.new
    context.add_certificate(OpenSSL::X509::Certificate.new(File.read('/opt/certificates/certificate.pem')),
                            OpenSSL::PKey.read(File.read('/opt/certificates/key.pem')))
    thread = Thread.new do
      secured = OpenSSL::SSL::SSLServer.new(server, context).accept
      secured.write('secure')
      secured.close
    end
    trusting = OpenSSL::SSL::SSLContext.new
    trusting.set_params(ca_file: '/opt/certificates/certificate.pem', verify_hostname: false)
    client = OpenSSL::SSL::SSLSocket.new(TCPSocket.new('127.0.0.1', server.addr[1]), trusting)
    client.sync_close = true
    client.connect
    answer = "#{client.read} #{client.ssl_version}"
    client.close
    thread.join
    answer
  ensure
    server&.close
  end
end
