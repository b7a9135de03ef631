variable "cidr" {
  type = string
}

variable "zones" {
  type = map(object({ apps = number }))
}

variable "nat" {
  type = object({
    enabled = optional(bool, true)
    zones   = list(string)
  })
  default = {
    zones = ["a"]
  }
}
