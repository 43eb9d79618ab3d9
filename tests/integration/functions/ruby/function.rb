# SPDX-License-Identifier: Apache-2.0
# The Ruby function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
require 'cgi'
require 'open3'
require 'socket'
require_relative 'load'

$stdout.sync = true

# "What does the document at this address say?" The address goes to a shell.
def convert(address)
  `curl --silent --max-time 2 -L #{address} | cat -`
end

def spawn_program(event)
  environment = event['env'] ? [event['env']] : [{}]
  options = { stdin_data: event['input'].to_s, unsetenv_others: !event['env'].nil? }
  program, *rest = event['command']
  out, _, status = Open3.capture3(*environment, [program, program], *rest, **options)
  { status: status.exitstatus, out: out }
rescue SystemCallError => e
  { status: nil, out: '', error: e.message }
end

def connect(port)
  socket = TCPSocket.new('127.0.0.1', port)
  socket.write('ping')
  socket.recv(64)
rescue SystemCallError => e
  e.message
ensure
  socket&.close
end

def operation(event)
  case event['op']
  when 'big' then 'x' * event['bytes']
  when 'throw' then raise ArgumentError, event['message']
  when 'log' then puts(event['text']) || 'logged'
  when 'file' then File.write(event['path'], event['text']) && File.read(event['path'])
  when 'read' then File.read(event['path'])
  when 'spawn' then spawn_program(event)
  when 'connect' then connect(event['port'])
  when 'threads' then Load.threads(event['count'])
  when 'bulk' then Load.bulk(event['bytes'])
  when 'signals' then Load.signals(event['count'])
  when 'tls' then Load.tls
  else event
  end
end

def handler(event)
  return event unless event.is_a?(Hash)

  record = event.fetch('Records', [])[0] || {}
  query = event['queryStringParameters'] || {}
  if record['eventSource'] == 'aws:sqs'
    { converted: convert(JSON.parse(record['body'])['document_url']) }
  elsif record['eventSource'] == 'aws:s3'
    key = CGI.unescape(record['s3']['object']['key'])
    { listed: `ls -d /tmp/#{key} 2>/dev/null || echo none` }
  elsif query['document_url']
    { statusCode: 200, body: convert(query['document_url']) }
  elsif query['file']
    { statusCode: 200, body: File.read("#{__dir__}/docs/#{query['file']}") }
  else
    operation(event)
  end
end
