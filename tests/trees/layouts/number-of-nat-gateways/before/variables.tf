variable "nat_gateways" {
  description = "0, 1 or one for each AZ"
  type        = number
  default     = 0
}
