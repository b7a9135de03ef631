locals {
  services = {
    api = {
      ports = [5432]
    }
    bond-ai-dev = {
      ports = [5432, 6379]
    }
  }
}

module "service" {
  source   = "./modules/service"
  for_each = local.services

  name  = each.key
  ports = lookup(each.value, "ports", [5432])
  cidr  = "10.40.0.0/16"
}
