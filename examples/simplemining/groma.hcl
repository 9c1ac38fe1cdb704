# A service for mining rigs with a very high rate of requests: three environments in
# two accounts, tools beside them, Cloudflare in front.

platform "smos" {
  region = "eu-central-1"
  accounts = {
    main = "123456789012"
    prod = { id = "210987654321", role = "arn:aws:iam::210987654321:role/groma" }
  }
}

network "tools" { peers = [network.dev, network.test, network.prod] }
network "dev" { zones = 2 }
network "test" { zones = 2 }
network "prod" { account = "prod" }

environment "prod" {
  network = network.prod
  account = "prod"
  protect = true
}
environment "test" {
  network = network.test
  like    = environment.prod
  size    = 0.5
}
environment "dev" {
  network            = network.dev
  like               = environment.prod
  size               = 0.25
  park               = "Mon-Fri 19:00-08:00, Sat-Sun"
  park_load_balancer = true
}
environment "tools" { network = network.tools }

image "php" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/common.yml", "images/php.yml"]
}
image "node" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/common.yml", "images/node.yml"]
}

edge "cloudflare" { kind = "cloudflare" }

service "web" {
  except = [environment.tools]
  image  = image.php
  size   = "c7g.large"
  host   = "rigs.smos.example"
  edge   = edge.cloudflare
  scale  = { min = 4, max = 40, cpu = 55 }
  uses   = [database.main.write, cache.sessions, topic.events.publish, mail.out.send, secret.app]
}
service "sockets" {
  except = [environment.tools]
  image  = image.node
  host   = "ws.smos.example"
  edge   = edge.cloudflare
  idle   = 3600 # websockets are quiet for long
  drain  = 300
  sticky = true
  scale  = { min = 2, max = 20, cpu = 60 }
  uses   = [database.main.read, cache.sessions, queue.rigs.receive]
}
database "main" {
  except  = [environment.tools]
  engine  = "aurora-mysql-8.0"
  size    = "db.r7g.2xlarge"
  readers = 2
}
cache "sessions" { except = [environment.tools] }
queue "rigs" { except = [environment.tools] }
topic "events" {
  except = [environment.tools]
  to     = [queue.rigs, "email:ops@smos.example"]
}
mail "out" {
  except = [environment.tools]
  domain = "smos.example"
}
secret "app" { except = [environment.tools] }

service "monitoring" {
  only  = [environment.tools]
  image = image.node
  size  = "t4g.medium"
  uses  = [environment.dev.service.web, environment.test.service.web]
}
vpn "office" {
  only    = [environment.tools]
  peer    = "198.51.100.7"
  cidrs   = ["192.168.10.0/24"]
  reaches = [service.monitoring]
}
alarm "ops" { emails = ["ops@smos.example"] }
prove "isolation" { never = ["dev -> prod", "test -> prod", "internet -> database.*"] }
prove "edges" { exactly = true } # nothing reaches anything but what is declared here
