platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
environment "dev" {}
queue "jobs" {
  only   = [environment.prod]
  except = [environment.dev]
}
