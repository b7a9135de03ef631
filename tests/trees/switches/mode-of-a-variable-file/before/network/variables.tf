variable "cidr" {
  type = string
}

variable "zones" {
  type = map(object({ apps = number }))
}

variable "nat_mode" {
  description = "none or single"
  type        = string
}
