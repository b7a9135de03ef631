module "connector" {
  source     = "./connector"
  subnet_ids = ["subnet-a", "subnet-b"]
}

module "service" {
  source   = "./service"
  for_each = toset(["backend", "jobs"])

  name              = "bond-ai-dev-${each.key}"
  vpc_connector_arn = module.connector.arn
}
