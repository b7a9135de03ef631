variable "services" {
  type = map(object({
    image = string
    ports = optional(map(string), {})
  }))
}

module "service" {
  source   = "./modules/service"
  for_each = var.services

  name  = each.key
  ports = each.value.ports
}
